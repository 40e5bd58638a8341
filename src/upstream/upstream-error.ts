/** The one error class of this room: what a caller set up that can never work. All else is a `ModelError` in the stream. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code: "wire-unavailable" | "bad-address";

  constructor(code: UpstreamError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
