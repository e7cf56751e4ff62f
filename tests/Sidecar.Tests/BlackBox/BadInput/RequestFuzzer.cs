using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>A request made by chance.</summary>
internal sealed record FuzzedRequest(string Method, string Target, string? ContentType, byte[] Body);

/// <summary>Makes requests that are nearly right: routes of the API with odd names, bodies that were valid before they were damaged.</summary>
internal sealed class RequestFuzzer(int seed)
{
    private static readonly string[] Methods = ["GET", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

    private static readonly string[] Routes =
    [
        "/v1.0/publish/{c}/{n}", "/v1.0/publish/{c}/{n}/{n}", "/v1.0/publish/bulk/{c}/{n}", "/v1.0-alpha1/publish/bulk/{c}/{n}", "/v1.0/publish/{c}", "/v1.0/publish",
        "/v1.0/state/{c}", "/v1.0/state/{c}/{n}", "/v1.0/state/{c}/bulk", "/v1.0/state/{c}/transaction", "/v1.0-alpha1/state/{c}/query",
        "/v1.0/metadata", "/v1.0/metadata/{n}", "/v1.0/healthz", "/v1.0/healthz/outbound", "/v1.0/{n}", "/{n}/{n}", "/v1.0/secrets/{c}/{n}", "/v1.0/secrets/{c}/bulk",
        "/v1.0/subscribe/{n}", "/v1.0/invoke/{c}/method/{n}", "/v1.0/bindings/{n}", "/v1.0/configuration/{c}", "/v1.0/workflows/{c}/{n}/start", "/dapr.proto.runtime.v1.Dapr/{n}", "//v1.0//state///{c}//{n}/", "/",
    ];

    private static readonly string[] Components = ["ps", "ss", "PS", "nope", "", "%00", "p%20s", "ps%2F", "..", "+"];

    private static readonly string[] Names =
    [
        "k", "topic", "bulk", "..", ".", "..%2F..%2Fetc%2Fpasswd", "%2e%2e", "a%7C%7Cb", "%00", "%0d%0aX:y", "%zz", "%", "%F0%9F%98%80", "%ff%fe", "a+b", "~", "*", "'%20OR%201=1", "%22", "\\..\\..", new('x', 3000),
    ];

    private static readonly string[] Queries =
    [
        "", "", "", "?", "?metadata.rawPayload=true", "?metadata.rawPayload=maybe", "?metadata.ttlInSeconds=-1", "?metadata.ttlInSeconds=99999999999999999999", "?metadata.ttlInSeconds=x",
        "?metadata.=", "?metadata.partitionKey=%00", "?metadata.cloudevent.id=", "?consistency=odd&concurrency=odd", "?%=%&&&=", "?metadata.a=1&metadata.a=2", "?metadata.rawPayload=%ff",
    ];

    private static readonly string?[] Types =
    [
        null, "application/json", "application/json", "application/json; charset=utf-16", "application/cloudevents+json", "application/cloudevents+protobuf", "text/plain", "application/octet-stream", "x", "application/grpc", "a/b;;;c=\"",
    ];

    private static readonly string[] Bodies =
    [
        """[{"entryId":"1","event":{"a":[1,2,{"b":null}]},"contentType":"application/json","metadata":{"k":"v"}},{"entryId":"2","event":"aGk=","contentType":"application/octet-stream"}]""",
        """[{"key":"k","value":{"n":1e400,"t":"x<>&"},"etag":"1","metadata":{"ttlInSeconds":"10"},"options":{"concurrency":"first-write","consistency":"strong"}}]""",
        """{"operations":[{"operation":"upsert","request":{"key":"k","value":[true,false,null,-0.0],"etag":"7"}},{"operation":"delete","request":{"key":"k2"}}],"metadata":{"partitionKey":"p"}}""",
        """{"keys":["a","b","c"],"parallelism":10,"metadata":{"x":"y"}}""",
        """{"specversion":"1.0","id":"a","type":"t","source":"s","time":"2024-01-01T00:00:00Z","datacontenttype":"application/json","data":{"a":1},"traceid":"x","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","expiration":"soon"}""",
        """{"filter":{"EQ":{"a":"b"}},"sort":[{"key":"a","order":"ASC"}],"page":{"limit":1,"token":"1"}}""",
        "plain text", "\"\\ud800\"", "", "null", "[]", "{}",
    ];

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", "\"", ",", ":", "null", "true", "-", "1e999", "\\ud800", "\\u0000", "\\x", "\0", "\u00ff", "\ufeff", "\"\\ud800\":1,", "\"key\":{}", "\"key\":null,", "\"etag\":\"\"", "\"metadata\":[],", "\"parallelism\":-1",
        "99999999999999999999999999", new('[', 3000), new('{', 20), string.Concat(Enumerable.Repeat("{\"a\":", 1500)), new('9', 5000),
    ];

    private readonly Random _random = new(seed);

    public FuzzedRequest Next() => new(Pick(Methods), Target(), Pick(Types), Body());

    /// <summary>A body that was valid before it was damaged, a few times.</summary>
    public byte[] Body()
    {
        var body = Encoding.UTF8.GetBytes(Pick(Bodies)).ToList();
        for (var damages = _random.Next(4); damages > 0; damages--)
            Damage(body);
        return [.. body];
    }

    /// <summary>Changes some bytes.</summary>
    public byte[] Damaged(byte[] bytes)
    {
        var list = bytes.ToList();
        for (var damages = 1 + _random.Next(3); damages > 0; damages--)
            Damage(list);
        return [.. list];
    }

    public T Pick<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private string Target()
    {
        var target = new StringBuilder();
        foreach (var part in Pick(Routes).Split('{'))
        {
            if (part.StartsWith("c}", StringComparison.Ordinal))
                target.Append(_random.Next(3) > 0 ? Components[_random.Next(2)] : Pick(Components)).Append(part.AsSpan(2));
            else if (part.StartsWith("n}", StringComparison.Ordinal))
                target.Append(Pick(Names)).Append(part.AsSpan(2));
            else
                target.Append(part);
        }

        return target.Append(Pick(Queries)).ToString();
    }

    private void Damage(List<byte> body)
    {
        var at = _random.Next(body.Count + 1);
        switch (_random.Next(6))
        {
            case 0 when at < body.Count:
                body[at] = (byte)_random.Next(256);
                break;
            case 1:
                body.RemoveRange(at, body.Count - at);
                break;
            case 2:
                body.RemoveRange(at, Math.Min(_random.Next(8), body.Count - at));
                break;
            case 3:
                body.Insert(at, (byte)_random.Next(256));
                break;
            case 4:
                body.InsertRange(at, body.GetRange(at, Math.Min(_random.Next(60), body.Count - at)));
                break;
            default:
                body.InsertRange(at, Encoding.UTF8.GetBytes(Pick(Fragments)));
                break;
        }
    }
}
