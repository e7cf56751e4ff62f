// Searches and follows a topic: reads lines of JSON as they come and shows the newest 500. Leaving, stopping or pausing ends the
// request, and with it the search.
(() => {
  'use strict';

  const mostShown = 500;
  const form = document.getElementById('search');
  if (!form) return;
  const body = document.getElementById('messages');
  const status = document.getElementById('search-status');
  const fault = document.getElementById('search-fault');
  const skipped = document.getElementById('skipped');
  const tail = document.getElementById('tail');
  const pause = document.getElementById('pause');
  const stop = document.getElementById('stop');
  let current = null;
  let shown = 0;
  let ended = false;
  let last = null;

  tail.hidden = false;
  form.addEventListener('submit', event => { event.preventDefault(); begin(false); });
  tail.addEventListener('click', () => begin(true));
  stop.addEventListener('click', () => end('stopped'));
  pause.addEventListener('click', () => {
    if (current) { end('paused'); pause.hidden = false; pause.textContent = 'Go on'; }
    else begin(true, true);
  });
  addEventListener('pagehide', () => end('left'));

  function begin(follow, keep) {
    current?.abort();
    last = () => begin(follow, keep);
    ended = false;
    const abort = current = new AbortController();
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const wanted = follow ? ['contains', 'where', 'partition'] : null;
      if (value.trim() && (!wanted || wanted.includes(name))) query.append(name, value.trim());
    }
    if (follow) {
      query.set('follow', 'true');
      if (!keep) query.set('last', '5');
    }
    if (!keep) { body.replaceChildren(); shown = 0; }
    fault.hidden = true;
    skipped.hidden = true;
    skipped.replaceChildren();
    stop.hidden = false;
    pause.hidden = !follow;
    pause.textContent = 'Pause';
    say(follow ? 'following' : 'searching');
    read(form.action + '?' + query, abort, follow);
  }

  function end(why) {
    if (!current) return;
    current.abort();
    over();
    say(`${why}; ${shown.toLocaleString('en')} shown`);
  }

  function over() {
    current = null;
    stop.hidden = true;
    pause.hidden = true;
  }

  async function read(address, abort, follow) {
    try {
      const response = await fetch(address, { signal: abort.signal, cache: 'no-store' });
      if (!response.body || !(response.headers.get('content-type') ?? '').includes('ndjson')) throw new Error(`the console answered ${response.status}`);
      const lines = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await lines.read();
        if (done) break;
        rest += value;
        const parts = rest.split('\n');
        rest = parts.pop();
        if (current !== abort) return;
        show(parts.filter(part => part).map(part => JSON.parse(part)), follow);
      }
      if (current !== abort) return;
      over();
      // Every answer says how it ended; one that does not was cut off.
      if (!ended) refuse(`the answer broke off; ${count(shown)} shown are not all`);
    } catch (error) {
      if (current !== abort) return;
      over();
      if (error.name !== 'AbortError') refuse('the search broke off: ' + error.message);
    }
  }

  function show(lines, follow) {
    const fresh = document.createDocumentFragment();
    for (const line of lines) {
      if (line.type === 'message') {
        shown++;
        // The newest of a live tail stands on top; a search reads downwards.
        if (follow) fresh.prepend(row(line)); else fresh.append(row(line));
      } else if (line.type === 'progress') {
        say(`searching; ${count(line.matched)} of ${count(line.scanned)} looked at, ${count(line.toScan)} to look at`);
      } else if (line.type === 'following') {
        say(`following; ${count(line.matched)} of ${count(line.scanned)} looked at` + (line.passed ? `, ${count(line.passed)} passed over` : ''));
      } else if (line.type === 'end') {
        ended = true;
        say(`${words[line.reason] ?? line.reason}; ${count(line.matched)} of ${count(line.scanned)} looked at`);
        tell(line.skipped, line.partitions);
      } else if (line.type === 'error') {
        refuse(line.error);
      }
    }
    if (follow) body.prepend(fresh); else body.append(fresh);
    while (body.rows.length > mostShown) (follow ? body.lastElementChild : body.firstElementChild).remove();
  }

  const words = { end: 'all of the range looked at', limit: 'ended: as many as asked for are shown', scanned: 'ended: as many as allowed were looked at', time: 'ended: the time is up' };
  const count = number => number.toLocaleString('en');
  const say = text => { status.textContent = text; };

  function refuse(text) {
    ended = true;
    const again = element('button', 'Try again', 'link');
    again.type = 'button';
    again.addEventListener('click', () => last());
    fault.replaceChildren(text + ' ', again);
    fault.hidden = false;
    say('ended');
  }

  function tell(texts, partitions) {
    const more = (partitions ?? []).filter(partition => partition.next < partition.to);
    if (more.length) texts = [...texts, 'next offsets: ' + more.slice(0, 32).map(partition => `partition ${partition.partition} at ${partition.next}`).join(', ')];
    skipped.replaceChildren(...texts.map(text => element('li', text)));
    skipped.hidden = texts.length === 0;
  }

  function row(message) {
    const line = document.createElement('tr');
    const text = typeof message.value === 'string' ? message.value : JSON.stringify(message.value);
    const value = document.createElement('td');
    const details = document.createElement('details');
    const summary = element('summary', '');
    summary.append(badge(message), clip(text ?? 'null'));
    details.append(summary);
    // Written out when it is opened: most never are.
    details.addEventListener('toggle', () => {
      if (details.childElementCount > 1) return;
      if (message.schema) {
        const schema = element('a', `schema ${message.schema}`);
        schema.href = '/contracts/id/' + message.schema;
        const line = element('p', '', 'small');
        line.append(schema);
        details.append(line);
      }
      if (message.fault) details.append(element('p', message.fault, 'notice warn'));
      details.append(element('pre', typeof message.value === 'string' ? message.value : JSON.stringify(message.value, null, 2)));
      if (message.valueCut) details.append(element('p', `cut: the value has ${count(message.valueCut)} bytes`, 'muted small'));
      const headers = Object.entries(message.headers ?? {});
      if (headers.length) details.append(element('pre', headers.map(([name, header]) => `${name}: ${header}`).join('\n')));
    });
    value.append(details);
    line.append(element('td', message.timestamp.replace('T', ' ').slice(0, 23), 'num'), element('td', message.partition, 'r num'), element('td', message.offset, 'r num'), element('td', message.key ?? '–', 'key'), value);
    return line;
  }

  function badge(message) {
    const text = message.schema ? `${message.format} ${message.schema}` : message.format;
    return element('span', text, message.fault ? 'badge warn' : message.schema ? 'badge info' : 'badge idle');
  }

  const clip = text => document.createTextNode(' ' + (text.length > 160 ? text.slice(0, 160) + '…' : text));

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  // A link to a range of messages shows them at once.
  if (new URLSearchParams(location.search).size) begin(false);
})();
