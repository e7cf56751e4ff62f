// What the app got, by the name of the handler that got it.
import { within } from './facts.mjs';

const received = new Map();
const waiting = new Map();

/** A handler that records and answers with a status, or with what a function of the data and its count says. */
export function into(name, answer) {
  let count = 0;
  return async (data, headers) => {
    count++;
    const waiter = waiting.get(name)?.shift();
    if (waiter) waiter({ data, headers });
    else queue(received, name).push({ data, headers });
    return typeof answer === 'function' ? answer(data, count) : answer;
  };
}

/** The next delivery to a handler. */
export function next(name) {
  const first = queue(received, name).shift();
  if (first) return Promise.resolve(first);
  return within(new Promise(resolve => queue(waiting, name).push(resolve)), `a delivery to '${name}'`, 15_000);
}

/** How many deliveries to a handler nobody has taken. */
export function left(name) {
  return queue(received, name).length;
}

function queue(map, name) {
  if (!map.has(name)) map.set(name, []);
  return map.get(name);
}
