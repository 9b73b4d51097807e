// What the tests here share. tests/e2e/run starts the servers.

export const URL_ = process.env.WASAT_URL;
export const TOKEN = process.env.WASAT_TOKEN;
export const MODEL = "gemini-2.5-flash";
export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const simulator = process.env.SIMULATOR_URL;

export const ask = (text) => [{ role: "user", content: text }];

export async function fault(name, options) {
  const answer = await fetch(`${simulator}/simulator/faults`, {
    method: "POST",
    body: JSON.stringify({ fault: name, ...options }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

export const clearFaults = () => fetch(`${simulator}/simulator/faults`, { method: "DELETE" });

export async function requests() {
  return (await (await fetch(`${simulator}/simulator/requests`)).json()).requests;
}

export async function poll(probe, seconds = 10) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// What the model says to requests that hold `text`, turn by turn (simulator/README.md).
export async function script(text, steps, options) {
  const answer = await fetch(`${simulator}/simulator/scripts`, {
    method: "POST",
    body: JSON.stringify({ match: { text }, steps, ...options }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
