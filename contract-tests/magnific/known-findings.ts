/** Where the provider's own document contradicts itself. */
import type { KnownFinding } from "../run/examples.js";

export const KNOWN_FINDINGS: readonly KnownFinding[] = [
  {
    pointer:
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json/examples/invalid_page",
    checks: ["undeclared field"],
    reason:
      'The page\'s problem+json example is flat ({message, invalid_params}); its schema nests the same under "problem". Which of the two the provider sends is unknown, so the client reads both.',
  },
];
