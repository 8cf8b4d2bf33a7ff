// One stream for all tabs of a browser: six connections a host is all that HTTP/1.1 gives it.
import { LiveSource } from "./live-source.js";

const ports = new Set();
const source = new LiveSource((message) => {
  for (const port of ports) port.postMessage(message);
});

self.onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => {
    if (data === "start") {
      ports.add(port);
      source.start();
      port.postMessage(source.state);
    } else if (data === "again") {
      source.again();
    } else if (data === "leave") {
      ports.delete(port);
    } else if (data === "stop") {
      source.stop();
    }
  };
};
