"""An app: subscribes to orders and prints the data of each."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("APP_PORT", "6001"))
SUBSCRIPTIONS = [{"pubsubname": "pubsub", "topic": "python-orders", "route": "/orders"}]


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/dapr/subscribe":
            self.answer(200, SUBSCRIPTIONS)
        elif self.path == "/dapr/config":
            self.answer(200, {})
        else:
            self.answer(404, {})

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        print(json.dumps(event["data"], ensure_ascii=False), flush=True)
        self.answer(200, {"status": "SUCCESS"})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Quiet: the deliveries are the output."""


with ThreadingHTTPServer(("127.0.0.1", PORT), App) as server:
    print("ready", flush=True)
    server.serve_forever()
