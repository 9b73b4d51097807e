// Server-sent events (WHATWG HTML, section 9.2): text as it comes, to the data of events.

// Two ends of lines. A CR that is the last that has come may be half of a CRLF.
const empty = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n|$))/;

export class EventSplitter {
  #parts: string[] = []; // of an event that is not complete: joined once, however many
  #tail = ""; // their last characters, in which its end may begin

  // The data of the events that are complete with `text`.
  feed(text: string): string[] {
    this.#parts.push(text);
    const seen = this.#tail + text;
    this.#tail = seen.slice(-3);
    const data: string[] = [];
    if (!empty.test(seen)) return data;
    let rest = this.#parts.join("");
    for (let end = empty.exec(rest); end; end = empty.exec(rest)) {
      take(rest.slice(0, end.index), data);
      rest = rest.slice(end.index + end[0].length);
    }
    this.#parts = [rest];
    this.#tail = rest.slice(-3);
    return data;
  }

  // The stream has ended: an event whose empty line is missing counts, too.
  end(): string[] {
    const data: string[] = [];
    take(this.#parts.join(""), data);
    this.#parts = [];
    this.#tail = "";
    return data;
  }
}

function take(event: string, data: string[]): void {
  // Google ends some broken streams with an error that is bare JSON.
  if (/^\s*[[{]/.test(event)) {
    data.push(event.trim());
    return;
  }
  const lines = event
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5));
  if (lines.some(Boolean)) data.push(lines.join("\n"));
}
