/** Edits: changes to a text by position; everything that no edit names stays byte for byte. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all edits made. An edit inside a wider one gives way to it. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const ordered = edits
    .map((edit, at) => ({ ...edit, at }))
    .sort((a, b) => a.start - b.start || insertedFirst(a, b) || b.end - a.end || a.at - b.at);
  let text = "";
  let done = 0;
  for (const edit of ordered) {
    if (edit.start < done) continue;
    text += source.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return text + source.slice(done);
}

const insertedFirst = (a: Edit, b: Edit): number => Number(b.start === b.end) - Number(a.start === a.end);

/** A part of the text with the edits that lie inside it made. */
export const slice = (source: string, start: number, end: number, edits: readonly Edit[]): string =>
  applyEdits(
    source.slice(start, end),
    edits
      .filter((edit) => edit.start >= start && edit.end <= end)
      .map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
  );
