/**
 * One submit of a small image, as each client's documentation does it. Every entry makes its client once and returns the
 * call: read the image's bytes, send it as base64 in JSON, give back the task's id. Nothing but what is measured is loaded.
 */

const PATH = "/v1/ai/image-upscaler-precision";
const KEY = { "x-magnific-api-key": "bench-key" };
const OURS = "../../dist/index.js";

const OURS_FOR_NODE = "../../dist/node.js";

async function overNode() {
  const { nodeFetch } = await import(OURS_FOR_NODE);
  return nodeFetch();
}

async function overUndici() {
  const { dispatcherFetch } = await import(OURS_FOR_NODE);
  const { Agent } = await import("undici");
  // What undici.request uses by itself in a process that has not touched the global fetch; once it has, both get the older undici inside Node.
  return dispatcherFetch(new Agent());
}

async function facade(url, fetch) {
  const { Magnific } = await import(OURS);
  const magnific = new Magnific({ apiKey: "bench-key", baseUrl: url, rate: false, ...(fetch ? { fetch } : {}) });
  return async (image) => (await magnific.submit({ image, sharpen: 50 })).id;
}

async function door(url, fetch) {
  const { createApi } = await import(OURS);
  const api = createApi({ apiKey: "bench-key", baseUrl: url, fetch });
  return async (image) => {
    const { data } = await api.POST(PATH, { body: { image: image.toString("base64"), sharpen: 50 } });
    return data.data.task_id;
  };
}

export const clients = {
  "undici.request": async (url) => {
    const { request } = await import("undici");
    return async (image) => {
      const { body } = await request(url + PATH, {
        method: "POST",
        headers: { ...KEY, "content-type": "application/json" },
        body: JSON.stringify({ image: image.toString("base64"), sharpen: 50 }),
      });
      return (await body.json()).data.task_id;
    };
  },
  "node:http": async (url) => {
    const { default: http } = await import("node:http");
    const agent = new http.Agent({ keepAlive: true });
    const { hostname, port } = new URL(url);
    return (image) =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ image: image.toString("base64"), sharpen: 50 });
        const headers = { ...KEY, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
        const request = http.request({ hostname, port, path: PATH, method: "POST", headers, agent }, (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve(JSON.parse(text).data.task_id));
        });
        request.on("error", reject);
        request.end(body);
      });
  },
  "ours, dispatcherFetch()": async (url) => facade(url, await overUndici()),
  "ours, nodeFetch()": async (url) => facade(url, await overNode()),
  "ours, global fetch": (url) => facade(url),
  "ours, createApi() over dispatcherFetch()": async (url) => door(url, await overUndici()),
  "ours, createApi() over nodeFetch()": async (url) => door(url, await overNode()),
  "openapi-fetch": async (url) => {
    const { default: createClient } = await import("openapi-fetch");
    const client = createClient({ baseUrl: url, headers: KEY });
    return async (image) => {
      const { data } = await client.POST(PATH, { body: { image: image.toString("base64"), sharpen: 50 } });
      return data.data.task_id;
    };
  },
  "hey-api": async (url) => {
    const { client, postAiImageUpscalerPrecision } = await import("../node_modules/.generated/hey-api.mjs");
    client.setConfig({ baseUrl: url, auth: "bench-key" });
    return async (image) => {
      const { data } = await postAiImageUpscalerPrecision({ body: { image: image.toString("base64"), sharpen: 50 } });
      return data.data.task_id;
    };
  },
  ky: async (url) => {
    const { default: ky } = await import("ky");
    const client = ky.create({ prefixUrl: url, headers: KEY });
    return async (image) => {
      const json = { image: image.toString("base64"), sharpen: 50 };
      return (await client.post(PATH.slice(1), { json }).json()).data.task_id;
    };
  },
  got: async (url) => {
    const [{ default: got }, { default: http }] = await Promise.all([import("got"), import("node:http")]);
    const client = got.extend({ prefixUrl: url, headers: KEY, agent: { http: new http.Agent({ keepAlive: true }) } });
    return async (image) => {
      const json = { image: image.toString("base64"), sharpen: 50 };
      return (await client.post(PATH.slice(1), { json }).json()).data.task_id;
    };
  },
  axios: async (url) => {
    const [{ default: axios }, { default: http }] = await Promise.all([import("axios"), import("node:http")]);
    const client = axios.create({ baseURL: url, headers: KEY, httpAgent: new http.Agent({ keepAlive: true }) });
    return async (image) => {
      const { data } = await client.post(PATH, { image: image.toString("base64"), sharpen: 50 });
      return data.data.task_id;
    };
  },
  openai: async (url) => {
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "bench-key", baseURL: url, defaultHeaders: KEY });
    return async (image) => {
      const answer = await client.post(PATH, { body: { image: image.toString("base64"), sharpen: 50 } });
      return answer.data.task_id;
    };
  },
  replicate: async (url) => {
    const { default: Replicate } = await import("replicate");
    const client = new Replicate({ auth: "bench-key", baseUrl: url });
    return async (image) => {
      const data = { image: image.toString("base64"), sharpen: 50 };
      const response = await client.request(PATH, { method: "POST", headers: KEY, data });
      return (await response.json()).data.task_id;
    };
  },
  fal: async (url) => {
    const { createFalClient } = await import("@fal-ai/client");
    const client = createFalClient({
      credentials: "bench-key",
      suppressLocalCredentialsWarning: true,
      requestMiddleware: async (request) => ({ ...request, url: url + PATH }),
    });
    return async (image) => {
      const input = { image: image.toString("base64"), sharpen: 50 };
      return (await client.run("bench/upscale", { input })).data.data.task_id;
    };
  },
};
