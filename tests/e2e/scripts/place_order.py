"""Place an order on the shop's page and print what the page then shows of its task."""

import json
import time
import urllib.request


def ask(method: str, path: str) -> dict[str, object]:
    headers = {"Host": "app.shop.example.com"}
    request = urllib.request.Request(f"http://shop-web{path}", method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        answer: dict[str, object] = json.load(response)
    return answer


task = ask("POST", "/orders/7")["task"]
deadline = time.monotonic() + 60
while True:
    answer = ask("GET", f"/tasks/{task}")
    if answer["state"] == "SUCCESS" or time.monotonic() > deadline:
        break
    time.sleep(0.2)
print(json.dumps(answer))
