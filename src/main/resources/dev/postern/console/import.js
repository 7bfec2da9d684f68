// Imports a file part by part, so that the page can show how far it is. A part that fails is sent again: an import can
// be repeated.
(() => {
  const form = document.getElementById('import');
  if (!form) return;
  const PART = 256 * 1024;
  const MAX_SHOWN = 200;
  const MAX_TRIES = 10;
  const state = document.getElementById('import-state');
  const bar = document.getElementById('import-bar');
  const message = document.getElementById('import-text');
  const stop = document.getElementById('import-stop');
  const list = document.getElementById('import-errors');
  const line = document.getElementById('import-line');
  let stopped = false;
  let running = false;

  const wait = time => new Promise(done => { setTimeout(done, time); });
  const show = tally => Object.entries(tally).forEach(([name, value]) => {
    const place = state.querySelector(`[data-tally="${name}"]`);
    if (place) place.textContent = value;
  });

  const refuse = (error, offset) => {
    if (list.children.length >= MAX_SHOWN) return;
    const item = line.content.cloneNode(true);
    const [where, why] = item.querySelectorAll('span');
    where.textContent = where.dataset.line.replace('%', error.line + offset);
    why.textContent = error.detail;
    list.append(item);
  };

  const send = async text => {
    for (let tries = 1; ; tries += 1) {
      let detail = '';
      try {
        const reply = await fetch(form.dataset.part, { method: 'POST', body: text,
          headers: { 'Content-Type': 'text/plain;charset=UTF-8', 'X-CSRF-Token': document.body.dataset.csrf } });
        if (reply.ok && !reply.redirected) return await reply.json();
        detail = reply.headers.get('Content-Type')?.includes('json') ? (await reply.json()).detail : '';
        if (reply.redirected || reply.status < 500) throw new Error(detail || form.dataset.stopped);
      } catch (failure) {
        if (!(failure instanceof TypeError)) throw failure;
      }
      // The gate is busy, or cannot be reached.
      if (tries >= MAX_TRIES || stopped) throw new Error(detail || form.dataset.stopped);
      await wait(500 * tries);
    }
  };

  // The end of the last whole line of a part: lines are not cut, nor are characters.
  const whole = (bytes, last) => (last ? bytes.length : bytes.lastIndexOf(10) + 1);

  const run = async file => {
    const tally = { lines: 0, added: 0, already_there: 0, refused: 0 };
    let sent = 0;
    while (sent < file.size && !stopped) {
      const bytes = new Uint8Array(await file.slice(sent, sent + PART).arrayBuffer());
      const length = whole(bytes, sent + PART >= file.size) || bytes.length;
      const result = await send(new TextDecoder().decode(bytes.subarray(0, length)));
      result.errors.forEach(error => refuse(error, tally.lines));
      Object.keys(tally).forEach(name => { tally[name] += result[name]; });
      sent += length;
      bar.value = Math.floor(100 * sent / file.size);
      show(tally);
    }
    return sent >= file.size;
  };

  stop.addEventListener('click', () => { stopped = true; });
  form.addEventListener('submit', async event => {
    const chosen = document.getElementById('import-file').files[0];
    const typed = form.elements.lines.value;
    const file = chosen ?? new Blob([typed]);
    event.preventDefault();
    if (file.size === 0 || running) return;
    running = true;
    stopped = false;
    list.replaceChildren();
    show({ lines: 0, added: 0, already_there: 0, refused: 0 });
    bar.value = 0;
    state.hidden = false;
    stop.hidden = false;
    message.className = '';
    message.textContent = form.dataset.running;
    try {
      const finished = await run(file);
      message.textContent = finished ? form.dataset.finished : form.dataset.stopped;
      message.className = finished ? 'done' : 'warning';
    } catch (failure) {
      message.textContent = failure.message;
      message.className = 'error';
    }
    stop.hidden = true;
    running = false;
  });
})();
