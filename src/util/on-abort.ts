/** The client's listeners by signal: the platform warns about more than ten on one, and many calls may share one. */
const shared = new WeakMap<AbortSignal, Fanout>();

interface Fanout {
  readonly listeners: Set<() => void>;
  readonly fire: () => void;
}

/** Calls the listener once the signal fires, at once if it has fired. Returns a function that removes the listener. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    listener();
    return () => {};
  }
  const { listeners, fire } = shared.get(signal) ?? fanout(signal);
  // A function of its own, so that one listener may be added twice.
  const own = (): void => listener();
  if (listeners.size === 0) signal.addEventListener("abort", fire, { once: true });
  listeners.add(own);
  return () => {
    if (listeners.delete(own) && listeners.size === 0) signal.removeEventListener("abort", fire);
  };
}

function fanout(signal: AbortSignal): Fanout {
  const listeners = new Set<() => void>();
  const fire = (): void => {
    for (const listener of listeners) {
      listeners.delete(listener);
      listener();
    }
  };
  const made = { listeners, fire };
  shared.set(signal, made);
  return made;
}
