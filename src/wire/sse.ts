/**
 * Sse: the server-sent-events codec, bytes to events and back.
 *
 * Owns        line ends, fields, comments, and what counts as a whole event.
 * Is not      a reader of sockets, and knows nothing of the JSON in `data` (./event.ts).
 * Invariants  1. However the bytes are split, the events are the same.
 *             2. An event counts when its blank line has come, not before.
 *             3. Each byte is looked at once: the pieces of an unfinished line are joined when it ends.
 *             4. No more is held than one event of the longest length allowed.
 * Source      WHATWG HTML, section 9.2.6 (event stream interpretation).
 */
export interface SseEvent {
  /** `message` where the stream named none. */
  readonly event: string;
  readonly data: string;
  /** Only where this event brought one. */
  readonly id?: string;
}

export interface SseDecoder {
  /** The events that these bytes complete, in order. */
  push(chunk: Uint8Array): SseEvent[];
  /** An event grew longer than allowed: it was dropped, and nothing after it is read. */
  isOver(): boolean;
  /**
   * Say that no more bytes come.
   *
   * @returns what was begun and never finished, so that a caller can tell a cut from an end; never to be acted on. Else null.
   */
  end(): SseEvent | null;
}

const LF = "\n";
const CR = "\r";
const MARK = "\uFEFF";

/**
 * A decoder for one stream.
 *
 * @param longest most characters of one event, its unfinished line included.
 */
export function createSseDecoder(longest = Number.POSITIVE_INFINITY): SseDecoder {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true }); // holds back half a character
  const fields = new Fields();
  let pieces: string[] = [];
  let pieceChars = 0;
  let isOver = false;
  let isFirst = true;
  let afterCr = false;

  /** Hold one more piece of the line; false when the event is now too long. */
  const hold = (piece: string): boolean => {
    pieces.push(piece);
    pieceChars += piece.length;
    isOver = fields.chars + pieceChars > longest;
    if (isOver) drop();
    return !isOver;
  };
  const drop = () => {
    pieces = [];
    pieceChars = 0;
    fields.take();
  };

  const feed = (text: string): SseEvent[] => {
    const events: SseEvent[] = [];
    if (text === "" || isOver) return events;
    // the decoder's own dropping of the mark drops two when they come in pieces (Node 26), so it is done here
    let start = (isFirst && text.startsWith(MARK)) || (afterCr && text.startsWith(LF)) ? 1 : 0;
    isFirst = false;
    afterCr = false;
    let lf = text.indexOf(LF, start);
    let cr = text.indexOf(CR, start);
    while (lf !== -1 || cr !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      if (!hold(text.slice(start, end))) return events; // invariant 4
      const event = fields.line(pieces.length === 1 ? (pieces[0] as string) : pieces.join(""));
      if (event !== null) events.push(event);
      pieces = [];
      pieceChars = 0;
      start = end + 1;
      if (end === cr) {
        if (lf === start) start += 1;
        afterCr = start === text.length && lf !== cr + 1;
        cr = text.indexOf(CR, start);
      }
      if (lf !== -1 && lf < start) lf = text.indexOf(LF, start);
    }
    if (start < text.length) hold(text.slice(start));
    return events;
  };

  return {
    push: (chunk) => feed(utf8.decode(chunk, { stream: true })),
    isOver: () => isOver,
    end() {
      feed(utf8.decode());
      if (pieces.length > 0) fields.line(pieces.join(""));
      pieces = [];
      pieceChars = 0;
      return fields.take();
    },
  };
}

/** The fields of the event being read. */
class Fields {
  #event = "";
  #id: string | null = null;
  #data: string[] = [];
  #dataChars = 0;

  /** How much is held, the line breaks between lines of data included. */
  get chars(): number {
    return this.#dataChars + this.#event.length + (this.#id?.length ?? 0);
  }

  /** Take in one line; a blank one completes the event, if it has data. */
  line(line: string): SseEvent | null {
    if (line === "") {
      const hasData = this.#data.length > 0;
      const event = this.take();
      return hasData ? event : null;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    if (name === "data") {
      this.#data.push(value);
      this.#dataChars += value.length + 1;
    } else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  take(): SseEvent | null {
    const isEmpty = this.#data.length === 0 && this.#event === "" && this.#id === null;
    const data = this.#data.length === 1 ? (this.#data[0] as string) : this.#data.join(LF);
    const event = { event: this.#event || "message", data, ...(this.#id === null ? {} : { id: this.#id }) };
    this.#event = "";
    this.#id = null;
    this.#data = [];
    this.#dataChars = 0;
    return isEmpty ? null : event;
  }
}

/**
 * One event as the text of a stream. Every line break in `data` becomes a line of its own, and reads back as LF.
 *
 * @throws {RangeError} when the name or the id holds a line break, or the id a NUL.
 */
export function printSse(event: SseEvent): string {
  if (/[\r\n]/.test(event.event)) throw new RangeError("Cannot print event: its name holds a line break");
  if (event.id !== undefined && /[\r\n\0]/.test(event.id))
    throw new RangeError("Cannot print event: its id is not one line");
  const name = event.event === "message" || event.event === "" ? "" : `event: ${event.event}\n`;
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  const data = /[\r\n]/.test(event.data) ? event.data.split(/\r\n|\r|\n/).join("\ndata: ") : event.data;
  return `${name}${id}data: ${data}\n\n`;
}
