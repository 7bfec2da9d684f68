// Sends a chosen document as it is: a form would hold it in memory, here and in the gate.
(() => {
  const form = document.getElementById('transfer');
  if (!form) return;
  const bar = document.getElementById('transfer-bar');
  const chosen = document.getElementById('transfer-file');
  const button = form.querySelector('button[type=submit]');

  const show = (element, receipt) => {
    document.getElementById('receipt')?.remove();
    if (receipt) {
      document.getElementById('main').prepend(document.adoptNode(receipt));
      htmx.process(receipt);
    }
    document.getElementById('transfer-result').replaceWith(element);
    element.focus();
  };
  const fail = () => {
    const result = document.getElementById('transfer-result').cloneNode(false);
    const why = document.createElement('p');
    why.className = 'error';
    why.textContent = form.dataset.failed;
    result.append(why);
    show(result);
  };

  form.addEventListener('submit', event => {
    const file = chosen.files[0];
    if (!file) return;
    event.preventDefault();
    const call = new XMLHttpRequest();
    const end = () => { bar.hidden = true; button.disabled = false; };
    call.open('POST', `${form.dataset.to}?${new URLSearchParams({ mode: form.elements.mode.value, confirm: form.elements.confirm.value })}`);
    call.setRequestHeader('Content-Type', 'application/x-ndjson');
    call.setRequestHeader('X-CSRF-Token', document.body.dataset.csrf);
    call.responseType = 'document';
    call.upload.addEventListener('progress', progress => { bar.value = 100 * progress.loaded / (progress.total || 1); });
    call.addEventListener('load', () => {
      end();
      const page = call.response;
      const result = page?.getElementById('transfer-result');
      // The session has ended: the page leads to the form to sign in.
      if (new URL(call.responseURL).pathname.endsWith('/sign-in')) window.location.reload();
      else if (result) show(document.adoptNode(result), page.getElementById('receipt'));
      else fail();
    });
    call.addEventListener('error', () => { end(); fail(); });
    bar.value = 0;
    bar.hidden = false;
    button.disabled = true;
    call.send(file);
  });
})();
