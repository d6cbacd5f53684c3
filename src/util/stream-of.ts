/** A stream that pulls from an iterator only when it is read itself. */
export function streamOf<Chunk extends Uint8Array>(
  chunks: AsyncIterator<Chunk, unknown, undefined>,
  cancel: () => void | Promise<void>,
): ReadableStream<Chunk> {
  return new ReadableStream<Chunk>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}
