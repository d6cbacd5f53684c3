/**
 * What was sent, in Redis, for every worker to see: the client asks it before each send.
 *
 * `begin` is one atomic step (SET … NX). Of two workers that hold the same job, because one was paused until the queue took
 * it for dead, one sends.
 *
 * @param {import("ioredis").Redis} redis
 * @returns {import("magnific-client").TaskStore}
 */
export function redisTaskStore(redis, prefix = "magnific:sent:") {
  const key = (/** @type {string} */ digest) => prefix + digest;
  return {
    async begin(digest, at) {
      const set = await redis.set(key(digest), JSON.stringify({ state: "sending", at }), "NX");
      if (set === "OK") return undefined;
      const known = await redis.get(key(digest));
      return known === null ? this.begin(digest, at) : JSON.parse(known);
    },
    async finish(digest, taskId, at) {
      await redis.set(key(digest), JSON.stringify({ state: "sent", taskId, at }));
    },
    async forget(digest) {
      await redis.del(key(digest));
    },
  };
}
