#!/usr/bin/env bash
# Installs what the tests need, builds everything and runs every test.
# Last line: N passed, N failed, N skipped. Arguments are passed on to `dotnet test`.
set -uo pipefail
cd "$(dirname "$0")"

# Tests that need a real server or a browser are skipped, with a reason, where these cannot be installed.
needed=()
command -v redis-server >/dev/null || needed+=(redis-server)
command -v chromium >/dev/null || needed+=(chromium)
command -v kcat >/dev/null || needed+=(kcat)
command -v curl >/dev/null || needed+=(curl)
command -v python3 >/dev/null || needed+=(python3)
command -v node >/dev/null || needed+=(nodejs)
command -v npm >/dev/null || needed+=(npm)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || needed+=(postgresql)
if [ ${#needed[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${needed[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${needed[@]}" >/dev/null \
      || echo "could not install ${needed[*]}: the tests that need them will be skipped"
  else
    echo "not installed: ${needed[*]} (apt-get install ${needed[*]}): the tests that need them will be skipped"
  fi
fi

# Clients of other languages and servers of object stores, into ignored folders.
if command -v npm >/dev/null; then
  npm install --silent --no-fund --no-audit --no-package-lock --prefix tests/Kafka.Tests/Clients \
    || echo "could not install kafkajs: the tests that need it will be skipped"
  npm install --silent --no-fund --no-audit --no-package-lock --prefix tests/ObjectStores.Tests/npm 2>/dev/null \
    || echo "could not install azurite and s3rver: the tests that need them will be skipped"
  npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts --prefix tests/SchemaRegistry.Tests/Clients 2>/dev/null \
    || echo "could not install the registry's clients: the tests that need them will be skipped"
  npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts --prefix samples/ingestion 2>/dev/null \
    || echo "not installed: @grpc/grpc-js and cloudevents from npm: the tests of Ingestion's clients of Node.js will be skipped"
  npm install --silent --no-fund --no-audit --no-package-lock --ignore-scripts --prefix tests/Console.Tests/npm 2>/dev/null \
    || echo "not installed: axe-core from npm: the check of the console's pages by its rules will be skipped"
else
  echo "not installed: npm (apt-get install nodejs npm): the tests that need axe-core, kafkajs, the registry's clients, azurite or s3rver will be skipped"
fi

dotnet build RealTimeMesh.sln --nologo -v quiet -clp:NoSummary || { echo "the build failed"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# One test program at a time: end-to-end tests load both cores by themselves.
dotnet test --solution RealTimeMesh.sln --no-build --max-parallel-test-modules 1 --no-ansi --no-progress "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}

# Those that failed once more at the end, where a reader looks first: what was found, and the start and the end of what they printed.
awk '
  function told(i) {
    for (i = 1; i <= lines; i++)
      if (i <= 30 || i > lines - 30) print "again: " substr(line[i], 1, 500)
      else if (i == 31) print "again:   ... " lines - 60 " lines ..."
    lines = 0
  }
  /^failed / { told(); inside = 1 }
  /^[^ \t]/ && !/^failed / { if (inside) told(); inside = 0 }
  inside && NF { line[++lines] = $0 }
  END { told() }
' "$log"

count() { grep -E "^ +$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
if [ "${passed:-0}" = 0 ] && [ "${failed:-0}" = 0 ]; then
  echo "no test ran"
  failed=1 code=1
elif [ "$code" != 0 ] && [ "${failed:-0}" = 0 ]; then
  echo "the test run ended with code $code"
  failed=1
fi
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
exit "$code"
