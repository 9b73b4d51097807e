// How long to wait before the next try to connect: the bound doubles with each failure in a
// row, and the wait is drawn from its upper half, so that the nodes of a relay that has fallen
// do not come back in step.

export class Backoff {
  #bound: number;
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;

  constructor(first = 500, longest = 60_000, random: () => number = Math.random) {
    this.#bound = this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  // Milliseconds.
  next(): number {
    const bound = this.#bound;
    this.#bound = Math.min(this.#longest, bound * 2);
    return Math.round(bound / 2 + (this.#random() * bound) / 2);
  }

  reset(): void {
    this.#bound = this.#first;
  }
}
