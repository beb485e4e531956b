// Microsoft's exporter behind the SDK of OpenTelemetry: two spans, an exception, two log records and two metrics.
"use strict";
const azure = require("@azure/monitor-opentelemetry-exporter");
const { SpanKind, SpanStatusCode, context, trace } = require("@opentelemetry/api");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
const { MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const { BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");

const options = { connectionString: process.env.CONNECTION_STRING, disableOfflineStorage: true };
const resource = resourceFromAttributes({ "service.name": "shop", "service.instance.id": "one" });
const method = { "http.request.method": "GET" };

async function spans() {
  const exporter = new azure.AzureMonitorTraceExporter(options);
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer("shop");
  const order = tracer.startSpan("GET /orders/:id", {
    kind: SpanKind.SERVER,
    attributes: {
      ...method,
      "http.response.status_code": 200,
      "http.route": "/orders/:id",
      "url.full": "http://shop.example/orders/7",
    },
  });
  const call = {
    kind: SpanKind.CLIENT,
    attributes: {
      ...method,
      "http.response.status_code": 404,
      "server.address": "stock.example",
      "url.full": "http://stock.example/chairs/7",
    },
  };
  const stock = tracer.startSpan("GET", call, trace.setSpan(context.active(), order));
  stock.setStatus({ code: SpanStatusCode.ERROR });
  stock.end();
  order.recordException(new Error("no such chair"));
  order.end();
  await provider.shutdown();
}

async function logRecords() {
  const exporter = new azure.AzureMonitorLogExporter(options);
  const provider = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger("shop");
  logger.emit({ body: "one chair", severityNumber: 13, severityText: "WARN" });
  logger.emit({ body: "an order", attributes: { "microsoft.custom_event.name": "order placed" } });
  await provider.shutdown();
}

async function metrics() {
  const exporter = new azure.AzureMonitorMetricExporter(options);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60000 });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter("shop");
  meter.createCounter("sold").add(3);
  meter.createHistogram("latency").record(12);
  await provider.shutdown();
}

spans()
  .then(logRecords)
  .then(metrics)
  .then(() => process.exit(0));
