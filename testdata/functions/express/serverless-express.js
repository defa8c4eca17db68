const serverlessExpress = require("@vendia/serverless-express");

exports.handler = serverlessExpress({
  app: require("./site"),
  binarySettings: { contentTypes: ["image/*", "multipart/*", "application/octet-stream"] },
});
