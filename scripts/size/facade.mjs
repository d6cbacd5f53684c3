import { Magnific } from "../../dist/index.js";

const task = await new Magnific().submit({ image: globalThis.image });
console.log(task.id);
