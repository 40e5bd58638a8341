/** TextList: pieces of text in order with their size in bytes; small pieces are joined, so that few are held. */
const SMALL = 4096;

export class TextList {
  #pieces: { text: string; sizeBytes: number }[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get firstBytes(): number {
    return this.#pieces[0]?.sizeBytes ?? 0;
  }

  push(text: string, sizeBytes: number = Buffer.byteLength(text)): void {
    if (text === "") return;
    const last = this.#pieces.at(-1);
    this.#sizeBytes += sizeBytes;
    if (last === undefined || last.sizeBytes >= SMALL) {
      this.#pieces.push({ text, sizeBytes });
    } else {
      last.text += text;
      last.sizeBytes += sizeBytes;
    }
  }

  shift(): string {
    const first = this.#pieces.shift();
    this.#sizeBytes -= first?.sizeBytes ?? 0;
    return first?.text ?? "";
  }

  join(): string {
    return this.#pieces.length === 1 ? (this.#pieces[0]?.text ?? "") : this.#pieces.map(({ text }) => text).join("");
  }
}
