const serverless = require("serverless-http");

exports.handler = serverless(require("./site"), { binary: ["image/*", "multipart/*", "application/octet-stream"] });
