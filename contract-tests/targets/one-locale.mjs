// Prism loads faker with all its locales, which is more than half of the time that it takes to start; it uses English alone.
import { createRequire } from "node:module";

const ofPrism = createRequire(createRequire(import.meta.url).resolve("@stoplight/prism-http"));
const id = ofPrism.resolve("@faker-js/faker");
const english = ofPrism("@faker-js/faker/locale/en");
ofPrism.cache[id] = Object.assign(new (ofPrism("node:module").Module)(id), {
  exports: { default: english, faker: english },
  loaded: true,
});
