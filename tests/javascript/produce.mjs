// Sends events made by the CloudEvents SDK in every content mode it has, and prints the answers as JSON lines.
import { CloudEvent, HTTP } from "cloudevents";

const { INGEST, KEY } = process.env;

const opened = (id) =>
  new CloudEvent({
    id,
    source: "urn:dean5299:reporting",
    type: "vn.gov.binhdinh.dean5299.account.opened",
    subject: "account 000 001%",
    time: "2023-06-30T08:15:00.000+07:00",
    datacontenttype: "application/json",
    partitionkey: "p1",
    data: { unit: "an-nhon", holder: "member" },
  });

const transacted = (id) =>
  new CloudEvent({
    id,
    source: "urn:dean5299:reporting",
    type: "vn.gov.binhdinh.dean5299.account.transacted",
    subject: "account 000 001%",
    time: "2023-06-30T08:15:00.000+07:00",
  });

async function send(mode, { headers, body }) {
  const response = await fetch(`${INGEST}/v1/events`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${KEY}` },
    body,
  });
  console.log(JSON.stringify({ mode, status: response.status, answer: await response.json() }));
}

await send("binary", HTTP.binary(opened("js-binary")));
await send("binary without data", HTTP.binary(transacted("js-binary-bare")));
await send("structured", HTTP.structured(opened("js-structured")));
await send("structured without data", HTTP.structured(transacted("js-structured-bare")));
await send("batch", {
  headers: { "content-type": "application/cloudevents-batch+json" },
  body: JSON.stringify([opened("js-batch-1"), transacted("js-batch-2")]),
});
