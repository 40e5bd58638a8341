/**
 * PromptBytes: the prompt inside a request body, byte for byte as it was sent, and how much of it the one before had.
 *
 * Is not      a JSON parser: it finds where the fields of the outermost object begin and end. A body of megabytes is
 *             looked at in a millisecond, so that the server costs little of what it measures.
 */

/** The bytes of each field's value of a JSON object, by the field's name. */
export function fieldsOf(body: Buffer): Map<string, Buffer> {
  const fields = new Map<string, Buffer>();
  let depth = 0;
  let name = "";
  let start = -1;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      const end = endOfString(body, at);
      if (depth === 1 && start < 0) name = JSON.parse(body.toString("utf8", at, end + 1));
      at = end;
    } else if (byte === COLON && depth === 1 && start < 0) start = at + 1;
    else if (depth === 1 && start >= 0 && (byte === COMMA || byte === CLOSE_OBJECT)) {
      fields.set(name, body.subarray(start, at));
      start = -1;
      if (byte === CLOSE_OBJECT) depth--;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
  }
  return fields;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

function endOfString(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start + 1); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (body[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  throw new SyntaxError("Cannot read the body: a string has no end");
}

/** Tools, instructions and items, in that order; the list's closing bracket is left out, since it moves. */
export function promptOf(body: Buffer): Buffer {
  const fields = fieldsOf(body);
  const part = (name: string) => fields.get(name) ?? Buffer.alloc(0);
  const input = part("input");
  return Buffer.concat([part("tools"), part("instructions"), input.subarray(0, Math.max(0, input.length - 1))]);
}

/** How many bytes two texts begin with in common. */
export function sharedBytes(a: Buffer, b: Buffer): number {
  const most = Math.min(a.length, b.length);
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (a.compare(b, low, middle, low, middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
