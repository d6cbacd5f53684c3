/** Upscales the picture that it is sent. */
import { Magnific } from "magnific-client";

export default {
  async fetch(request, env) {
    const magnific = new Magnific({ apiKey: env.MAGNIFIC_API_KEY, poll: { first: 5 } });
    const done = await magnific.upscale({ image: await request.arrayBuffer() });
    return new Response(await done.images[0].blob());
  },
};
