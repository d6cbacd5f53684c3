/** What Dredd needs by hand to play more than the successes: for each declared refusal a request that earns it. */
const hooks = require("hooks");

hooks.beforeEach((transaction, done) => {
  const { request, expected } = transaction;
  switch (String(expected.statusCode)) {
    case "200":
      break;
    case "400":
      // Of the two forms of this answer, JSON is the one that is asked for.
      if (request.method === "POST" && expected.headers["Content-Type"] === "application/json") request.body = "{}";
      else transaction.skip = true;
      break;
    case "401":
      for (const name of Object.keys(request.headers))
        if (name.toLowerCase() === "x-magnific-api-key") delete request.headers[name];
      break;
    case "404":
      transaction.fullPath = transaction.fullPath.replace(/[^/]+$/, "00000000-0000-4000-8000-000000000000");
      break;
    default:
      transaction.skip = true;
  }
  done();
});
