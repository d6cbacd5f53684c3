/** Flaws of the vendored documents that are known: where, and how we live with them. */
export interface KnownFlaw {
  readonly rule: string;
  readonly pointers: readonly string[];
  /** Where one place has several flaws of a rule: a part of each message. */
  readonly says?: readonly string[];
  readonly reason: string;
}

export const KNOWN_FLAWS: readonly KnownFlaw[] = [
  {
    rule: "redocly/info-license",
    pointers: ["/info"],
    reason: "The provider names no licence for its document; nothing to the client.",
  },
  {
    rule: "redocly/no-invalid-media-type-examples",
    pointers: [
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json/examples/invalid_page/value/message",
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json/examples/invalid_page/value/invalid_params",
    ],
    reason:
      'The example is flat, its schema nests it under "problem". An overlay adds the nested one; the client reads both.',
  },
  {
    rule: "example-of-unknown-input",
    pointers: [
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1json/examples/invalid_page",
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1json/examples/invalid_query",
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1json/examples/invalid_filter",
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1problem+json/examples/invalid_page",
    ],
    reason: "Copied from a search operation. The client shows whatever message comes and reads no names out of it.",
  },
  {
    rule: "template-left",
    pointers: [
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1json/examples/generic_bad_request",
    ],
    reason: "A template's placeholder that was never filled. The client shows the message as it is.",
  },
  {
    rule: "describes-unknown-input",
    pointers: ["/paths/~1v1~1ai~1image-upscaler-precision/post/description"],
    reason: "Copied from another upscaler. The client offers what the schema declares.",
  },
  {
    rule: "no-request-example",
    pointers: ["/paths/~1v1~1ai~1image-upscaler-precision/post/requestBody/content/application~1json"],
    reason: "An overlay adds a smallest and a full one.",
  },
  {
    rule: "contradictory-example",
    pointers: [
      "/components/schemas/get_style_transfer_task_status_200_response/example/data",
      "/components/schemas/task-detail/example",
    ],
    reason:
      "A task just made has no images yet: the overlays of the status operations give one example for each status.",
  },
  {
    rule: "shadowed-examples",
    pointers: [
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/400/content/application~1json",
      "/paths/~1v1~1ai~1image-upscaler-precision/post/responses/401/content/application~1json",
    ],
    reason: "The suite asks for each named example by its name.",
  },
  {
    rule: "unreachable-example",
    pointers: [
      "/components/schemas/get_all_style_transfer_tasks_500_response/properties/message/example",
      "/components/schemas/get_all_style_transfer_tasks_503_response/properties/message/example",
      "/components/schemas/task-detail/example",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem/properties/message/example",
      "/components/schemas/task/example",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem_invalid_params_inner/properties/name/example",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem_invalid_params_inner/properties/reason/example",
    ],
    reason: "Checked against its schema by the suite, and held by the lock.",
  },
  {
    rule: "numbered-name",
    pointers: [
      "/components/schemas/request-content_2",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem_invalid_params_inner",
    ],
    reason: "Names made by the provider's generator. They stay, so that a new page shows as a small difference.",
  },
  {
    rule: "foreign-name",
    pointers: [
      "/components/schemas/get_style_transfer_task_status_200_response",
      "/components/schemas/get_all_style_transfer_tasks_400_response",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1",
      "/components/schemas/get_all_style_transfer_tasks_500_response",
      "/components/schemas/get_all_style_transfer_tasks_503_response",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1_problem_invalid_params_inner",
    ],
    reason:
      "Components shared with another feature of the provider. They stay, so that a new page shows as a small difference.",
  },
  {
    rule: "borrowed-schema",
    pointers: ["/paths/~1v1~1ai~1image-upscaler-precision/post/responses/401/content/application~1json"],
    reason: "The shapes are the same.",
  },
  {
    rule: "usual-status-undeclared",
    pointers: ["/paths/~1v1~1ai~1image-upscaler-precision/post/responses"],
    says: ["402", "403", "404", "413", "429"],
    reason: "An overlay declares those that were seen (402, 403, 404, 429); the client knows all of them.",
  },
  {
    rule: "no-response-headers",
    pointers: ["/paths/~1v1~1ai~1image-upscaler-precision/post/responses"],
    reason: "An overlay declares those that were seen; the client reads them where they come.",
  },
  {
    rule: "error-may-be-empty",
    pointers: [
      "/components/schemas/get_all_style_transfer_tasks_400_response",
      "/components/schemas/get_all_style_transfer_tasks_400_response_1",
      "/components/schemas/get_all_style_transfer_tasks_500_response",
      "/components/schemas/get_all_style_transfer_tasks_503_response",
    ],
    reason: "The client makes a message of its own where none comes.",
  },
  {
    rule: "open-request",
    pointers: ["/components/schemas/request-content_2"],
    reason: "The client refuses fields that it does not know before anything is sent.",
  },
  {
    rule: "empty-passes",
    pointers: ["/components/schemas/request-content_2/properties/image"],
    reason: "The client refuses an image without bytes before anything is sent.",
  },
  {
    rule: "any-scheme",
    pointers: ["/components/schemas/request-content_2/properties/webhook_url"],
    reason: "The client refuses a webhook address that is not https (loopback excepted).",
  },
  {
    rule: "webhook-without-callbacks",
    pointers: ["/components/schemas/request-content_2/properties/webhook_url"],
    reason: "An overlay declares the webhook from the provider's webhook documentation.",
  },
  {
    rule: "id-without-operation",
    pointers: ["/components/schemas/task/properties/task_id"],
    reason: "An overlay declares the two status operations.",
  },
];
