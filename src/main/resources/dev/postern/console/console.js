// What pages do beyond links and forms. Everything works without it, except the charts and copying.
(() => {
  const text = (root, path) => path.split('.').reduce((value, name) => value?.[name], root);

  document.addEventListener('htmx:configRequest', event => {
    event.detail.headers['X-CSRF-Token'] = document.body.dataset.csrf ?? '';
  });

  const putOnClipboard = async field => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand('copy');
    }
  };

  // A row of a list has no secret: it is on the page of the resource, to which the link leads without scripts.
  const copyFrom = async link => {
    const reply = await fetch(link.href);
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
    const secret = page.getElementById('secret')?.getAttribute('value');
    if (!reply.ok || reply.redirected || !secret) {
      window.location = link.href;
      return;
    }
    const field = document.createElement('textarea');
    field.value = secret;
    link.after(field);
    await putOnClipboard(field);
    field.remove();
    link.textContent = link.dataset.done;
    link.focus();
  };

  document.addEventListener('click', async event => {
    const row = event.target.closest('[data-copy-from]');
    if (row) {
      event.preventDefault();
      copyFrom(row).catch(() => { window.location = row.href; });
    }
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      await putOnClipboard(document.getElementById(copy.dataset.copy));
      copy.textContent = copy.dataset.done;
    }
    const save = event.target.closest('[data-save]');
    if (save) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([document.getElementById(save.dataset.save).value + '\n'], { type: 'text/plain' }));
      link.download = save.dataset.file;
      link.click();
      URL.revokeObjectURL(link.href);
    }
    const asked = event.target.closest('[data-confirm]');
    if (asked && !window.confirm(asked.dataset.confirm)) {
      event.preventDefault();
    }
  });

  document.addEventListener('input', event => {
    if (event.target.matches('[data-filter]')) {
      const wanted = event.target.value.toLowerCase();
      for (const label of event.target.parentElement.querySelectorAll('.choices label')) {
        label.hidden = !label.textContent.toLowerCase().includes(wanted);
      }
    }
  });

  // Enter in a search field of a form searches, and does not send the form.
  document.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target.matches('[data-search]')) {
      event.preventDefault();
      event.target.parentElement.querySelector('button').click();
    }
  });

  // What is ticked among the results of a search joins what is chosen at once: the next results replace these.
  document.addEventListener('change', event => {
    const found = event.target.closest('.found');
    if (!found || !event.target.checked) return;
    const label = event.target.closest('label');
    const next = label.nextElementSibling?.querySelector('input') ?? found.parentElement.querySelector('[data-search]');
    label.className = 'chip';
    found.parentElement.querySelector('.chosen').append(label);
    next.focus();
  });

  // The buttons of the rules change them without an event of a field: the call that is tried may be decided differently.
  document.addEventListener('htmx:afterSettle', event => {
    if (event.target.id === 'rules') document.querySelectorAll('[data-live]').forEach(live => htmx.trigger(live, 'rulesChanged'));
    // On a narrow page, the answer is below the form.
    if (event.target.matches('[data-answer]') && event.target.getBoundingClientRect().top > window.innerHeight / 2) event.target.scrollIntoView();
  });

  // The session ended, or the gate did not answer. The form is sent as a page of its own, which keeps what was typed.
  const sendAsPage = element => {
    const form = element.closest('form[method=post]');
    if (!form) {
      window.location.reload();
      return;
    }
    const step = document.createElement('input');
    step.type = 'hidden';
    step.name = 'do';
    step.value = 'continue';
    form.append(step);
    form.submit();
  };
  document.addEventListener('sessionEnded', event => sendAsPage(event.target));
  document.addEventListener('htmx:responseError', event => {
    if (event.detail.requestConfig.verb === 'post' && event.detail.elt.name !== 'name') sendAsPage(event.detail.elt);
  });

  // If the gate of this page does not answer, its receipt is out of date. It is asked again, but not for ever.
  const firstLook = {};
  const isReceipt = event => event.detail.requestConfig.elt.id === 'receipt-gates';
  document.addEventListener('htmx:beforeRequest', event => {
    if (!isReceipt(event)) return;
    const { change, seconds } = event.detail.requestConfig.elt.dataset;
    firstLook[change] ??= performance.now();
    if (performance.now() > firstLook[change] + 1000 * (Number(seconds) + 10)) event.preventDefault();
  });
  document.addEventListener('htmx:afterRequest', event => {
    const lost = document.getElementById('receipt-lost');
    if (lost && isReceipt(event)) lost.hidden = event.detail.successful === true;
  });

  // A double click must not create two of the same.
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method === 'post') {
      setTimeout(() => event.defaultPrevented || form.querySelectorAll('button[type=submit]').forEach(button => { button.disabled = true; }));
    }
  });
  window.addEventListener('pageshow', () => {
    document.querySelectorAll('button[type=submit]').forEach(button => { button.disabled = false; });
  });

  // Pasted secrets must not come back when the page is reloaded, or shown again by "back".
  window.addEventListener('pagehide', () => {
    document.querySelectorAll('[data-secret]').forEach(field => { field.value = ''; });
  });

  const chart = document.getElementById('chart');
  if (chart) {
    const seconds = 2;
    const points = 150;
    const data = [[], [], []];
    const style = getComputedStyle(document.documentElement);
    const color = name => style.getPropertyValue(name).trim();
    const axis = { stroke: () => getComputedStyle(chart).color, grid: { stroke: 'rgba(128,128,128,.2)' } };
    const plot = new uPlot({
      width: chart.clientWidth, height: 220,
      series: [{}, { label: chart.dataset.allowed, stroke: color('--ok'), width: 2, value: (_, v) => v?.toFixed(1) ?? '–' },
        { label: chart.dataset.denied, stroke: color('--bad'), width: 2, value: (_, v) => v?.toFixed(1) ?? '–' }],
      axes: [axis, { ...axis, size: 60 }],
      scales: { x: { range: (_, min, max) => { const end = max ?? Date.now() / 1000; return [end - points * seconds, end]; } }, y: { range: (_, min, max) => [0, Math.max(max * 1.1, 1)] } },
    }, data, chart);
    new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: 220 })).observe(chart);
    let before = null;
    const show = (attribute, name, value) => document.querySelectorAll(`[data-${attribute}="${name}"]`)
      .forEach(element => { element.textContent = value; });
    const format = value => value === null || value === undefined ? '–'
      : typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
    const inUnit = (value, unit) => `${Number(value.toPrecision(3))} ${unit}`;
    const duration = micros => micros < 1e3 ? inUnit(micros, 'µs') : micros < 1e6 ? inUnit(micros / 1e3, 'ms') : inUnit(micros / 1e6, 's');
    const figure = (name, value) => typeof value !== 'number' ? format(value)
      : name.endsWith('_micros') ? duration(value) : name.endsWith('_millis') ? duration(value * 1e3) : format(value);
    const poll = async () => {
      try {
        const reply = await fetch(chart.dataset.source, { headers: { Accept: 'application/json' } });
        if (!reply.ok || reply.redirected) return;
        const now = await reply.json();
        document.querySelectorAll('[data-figure]').forEach(element => {
          element.textContent = figure(element.dataset.figure, text(now, element.dataset.figure));
          if (element.dataset.figure === 'store.state') element.className = `state ${element.textContent}`;
        });
        if (before) {
          const time = now.at_seconds - before.at_seconds;
          const allowed = (now.allowed - before.allowed) / time;
          const denied = (now.denied - before.denied) / time;
          data[0].push(now.at_seconds); data[1].push(allowed); data[2].push(denied);
          data.forEach(column => { if (column.length > points) column.shift(); });
          plot.setData(data);
          show('rate', 'total', format(allowed + denied));
          show('rate', 'allowed', format(allowed));
          show('rate', 'denied', format(denied));
        }
        before = now;
      } catch {
        // The next poll may succeed.
      }
    };
    poll();
    setInterval(poll, seconds * 1000);
  }
})();
