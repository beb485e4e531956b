// OTLP over HTTP from the SDK of OpenTelemetry, as JSON: one span. The endpoint is in OTEL_EXPORTER_OTLP_ENDPOINT.
"use strict";
const { SpanKind } = require("@opentelemetry/api");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "shop" }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const attributes = { "http.request.method": "GET", "http.response.status_code": 201, "http.route": "/orders" };
provider.getTracer("shop").startSpan("GET /orders", { kind: SpanKind.SERVER, attributes }).end();
provider.shutdown().then(() => process.exit(0));
