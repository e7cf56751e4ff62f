// Keeps the page live: after every snapshot it reads its own address anew and takes over what changed, in place, so that focus,
// scroll positions, selections and running animations stay.
(() => {
  'use strict';

  const stale = document.getElementById('stale');
  let running = false;
  let again = false;
  let source = null;
  // An answer that does not come is no reason to wait for ever: what is shown is called old.
  const mostWaitMs = 15000;
  let lastGood = document.querySelector('#status time')?.dateTime ?? '';

  function connect() {
    if (source || document.hidden) return;
    source = new EventSource('/api/live?only=at');
    source.onmessage = refresh;
    source.onerror = () => {
      showStale(true);
      // The browser reconnects by itself unless it was refused.
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(connect, 3000);
      }
    };
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  // One read at a time; snapshots that come meanwhile make one more.
  async function refresh() {
    if (running) { again = true; return; }
    running = true;
    try {
      // A page that stays as it is only wants to know how the services are, and what it shows may have been costly.
      const address = document.getElementById('main').hasAttribute('data-live') ? location.href : '/apps';
      const response = await fetch(address, { headers: { 'X-Mesh-Refresh': '1' }, cache: 'no-store', signal: AbortSignal.timeout(mostWaitMs) });
      if (!response.ok && response.status !== 404) throw new Error(String(response.status));
      const next = new DOMParser().parseFromString(await response.text(), 'text/html');
      // Two consoles behind one address, or a cache between: what is older than what is shown is not taken over.
      const at = next.querySelector('#status time')?.dateTime ?? '';
      if (at < lastGood) return;
      for (const region of document.querySelectorAll('[data-live]')) {
        const fresh = next.getElementById(region.id);
        if (fresh) morphChildren(region, fresh);
      }
      lastGood = at || lastGood;
      showStale(false);
    } catch {
      showStale(true);
    } finally {
      running = false;
      if (again) { again = false; refresh(); }
    }
  }

  function showStale(isStale) {
    stale.hidden = !isStale;
    if (isStale) stale.querySelector('b').textContent = lastGood.replace('T', ' ').slice(0, 19) + ' UTC';
    document.body.classList.toggle('is-stale', isStale);
  }

  const keyOf = node => node.nodeType === 1 ? node.getAttribute('data-key') : null;

  function morphChildren(from, to) {
    const keyed = new Map();
    for (const child of from.children) {
      const key = keyOf(child);
      if (key !== null) keyed.set(key, child);
    }
    let current = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      const key = keyOf(wanted);
      let match = key !== null ? keyed.get(key) : null;
      if (!match && current && key === null && keyOf(current) === null && current.nodeType === wanted.nodeType && current.nodeName === wanted.nodeName) match = current;
      if (!match) {
        from.insertBefore(document.importNode(wanted, true), current);
        continue;
      }
      if (match !== current) from.insertBefore(match, current);
      else current = current.nextSibling;
      morph(match, wanted);
    }
    while (current) {
      const next = current.nextSibling;
      current.remove();
      current = next;
    }
  }

  // What somebody opened or closed stays so.
  const isOwn = (node, name) => name === 'open' && node.nodeName === 'DETAILS';

  function morph(from, to) {
    if (from.nodeType !== 1) {
      if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
      return;
    }
    if (from.isEqualNode(to)) return;
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && !isOwn(from, name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value && !isOwn(from, name)) from.setAttribute(name, value);
    }
    // What somebody is typing is theirs.
    if (from.nodeName !== 'INPUT') morphChildren(from, to);
  }

  document.addEventListener('visibilitychange', () => document.hidden ? disconnect() : (connect(), refresh()));
  addEventListener('pagehide', disconnect);
  addEventListener('pageshow', connect);
  connect();
})();
