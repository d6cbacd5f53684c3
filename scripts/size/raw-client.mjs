import { createApi } from "../../dist/index.js";

const { data } = await createApi().POST("/v1/ai/image-upscaler-precision", { body: { image: globalThis.image } });
console.log(data.data.task_id);
