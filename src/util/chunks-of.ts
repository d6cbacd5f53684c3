/** Not every runtime can iterate a stream. Ending the iteration cancels the stream, also while a read is pending. */
export function chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
      const reader = stream.getReader();
      return {
        next: () => reader.read(),
        return: () => reader.cancel().then(() => ({ done: true, value: undefined })),
      };
    },
  };
}
