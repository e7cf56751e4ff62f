// A list of named checks. Each prints one line of JSON: {"fact": name, "error": text or null}.
const patience = 20_000;
const facts = [];

export const protocol = process.argv[2];

/** A check over both protocols. */
export function fact(name, check) {
  facts.push({ name, check });
}

export function httpFact(name, check) {
  if (protocol === 'http') fact(name, check);
}

export function grpcFact(name, check) {
  if (protocol === 'grpc') fact(name, check);
}

/** Runs the checks in the order of the files. */
export async function run() {
  for (const { name, check } of facts) {
    let error = null;
    try {
      await within(check(), `the fact '${name}'`);
    } catch (thrown) {
      error = thrown?.stack ?? JSON.stringify(thrown);
    }
    console.log(JSON.stringify({ fact: name, error }));
  }
}

/** Rejects where a promise takes too long. */
export function within(promise, what, milliseconds = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks until the answer is true. */
export async function eventually(condition, what, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so within ${milliseconds} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
