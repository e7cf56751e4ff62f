using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Thousands of requests made by chance: each is answered, none by an exception that nobody expected.</summary>
public sealed class FuzzTests(BadInputSidecar sidecar, ITestOutputHelper output) : IClassFixture<BadInputSidecar>
{
    private static readonly string[] GrpcMethods =
    [
        "PublishEvent", "BulkPublishEvent", "BulkPublishEventAlpha1", "GetState", "GetBulkState", "SaveState", "DeleteState", "DeleteBulkState", "ExecuteStateTransaction", "QueryStateAlpha1",
        "GetMetadata", "SetMetadata", "SubscribeTopicEventsAlpha1", "InvokeService", "GetSecret", "Nothing",
    ];

    private static readonly byte[][] Messages =
    [
        new PublishEventRequest { PubsubName = "ps", Topic = "t", Data = ByteString.CopyFromUtf8("{}"), DataContentType = "application/json", Metadata = { ["a"] = "b" } }.ToByteArray(),
        new BulkPublishRequest { PubsubName = "ps", Topic = "t", Entries = { new BulkPublishRequestEntry { EntryId = "1", Event = ByteString.CopyFromUtf8("x"), ContentType = "text/plain", Metadata = { ["a"] = "b" } } } }.ToByteArray(),
        new GetStateRequest { StoreName = "ss", Key = "k", Metadata = { ["a"] = "b" } }.ToByteArray(),
        new GetBulkStateRequest { StoreName = "ss", Keys = { "a", "b" }, Parallelism = -5 }.ToByteArray(),
        new SaveStateRequest { StoreName = "ss", States = { new StateItem { Key = "k", Value = ByteString.CopyFromUtf8("v"), Etag = new Etag { Value = "x" } } } }.ToByteArray(),
        new ExecuteStateTransactionRequest { StoreName = "ss", Operations = { new TransactionalStateOperation { OperationType = "upsert", Request = new StateItem { Key = "k" } }, new TransactionalStateOperation() } }.ToByteArray(),
        [],
    ];

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(FuzzSeeds.All), MemberType = typeof(FuzzSeeds))]
    public async Task Every_http_request_of_thousands_is_answered_with_a_code(int seed)
    {
        output.WriteLine($"seed {seed}");
        var fuzzer = new RequestFuzzer(seed);
        var requests = Enumerable.Range(0, 2500).Select(_ => fuzzer.Next()).ToArray();
        var statuses = new ConcurrentDictionary<int, int>();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 16 });
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (request, cancel) =>
        {
            using var message = new HttpRequestMessage(
                new HttpMethod(request.Method),
                new Uri($"http://127.0.0.1:{sidecar.Daprd.HttpPort}{request.Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            if (request.Method is not ("GET" or "HEAD" or "OPTIONS"))
                message.Content = new ByteArrayContent(request.Body);
            if (request.ContentType is not null)
                message.Content?.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            using var response = await client.SendAsync(message, cancel);
            statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            if ((int)response.StatusCode < 400 || request.Method == "HEAD")
                return;
            var body = await response.Content.ReadAsStringAsync(cancel);
            var described = $"{request.Method} {request.Target} {request.ContentType}: {Convert.ToBase64String(request.Body)} -> {(int)response.StatusCode} {body}";
            Assert.DoesNotContain("ERR_INTERNAL", body, StringComparison.Ordinal);
            if ((int)response.StatusCode >= 500)
                Assert.True(body.StartsWith('{') && JsonDocument.Parse(body).RootElement.TryGetProperty("errorCode", out _), described);
        });
        output.WriteLine(string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.Contains(204, statuses.Keys);
        Assert.Contains(400, statuses.Keys);
        await sidecar.AssertAliveAsync();
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(FuzzSeeds.All), MemberType = typeof(FuzzSeeds))]
    public async Task Every_grpc_message_of_thousands_gets_a_status_that_somebody_chose(int seed)
    {
        output.WriteLine($"seed {seed}");
        var fuzzer = new RequestFuzzer(seed);
        var requests = Enumerable.Range(0, 1500).Select(_ =>
        {
            var message = fuzzer.Damaged(fuzzer.Pick(Messages));
            return (Method: fuzzer.Pick(GrpcMethods), Frame: GrpcFrame.Of(message), Message: message);
        }).ToArray();
        var statuses = new ConcurrentDictionary<string, int>();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.Daprd.GrpcPort}") };
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (request, cancel) =>
        {
            var (status, text) = await GrpcFrame.CallAsync(client, request.Method, request.Frame, cancel);
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            // Unknown is daprd's own answer here and there; the text of an exception that nobody caught is not.
            Assert.False(status.Length == 0 || text.Contains("Exception was thrown", StringComparison.Ordinal), $"{request.Method} {Convert.ToBase64String(request.Message)}: status '{status}' {text}");
        });
        output.WriteLine(string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.Contains("0", statuses.Keys);
        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Ten_thousand_requests_with_names_of_their_own_do_not_grow_the_memory_without_bound()
    {
        await RoundAsync(0, 2000);
        var before = sidecar.Daprd.ResidentBytes;
        await RoundAsync(1, 4000);
        await RoundAsync(2, 4000);
        var after = sidecar.Daprd.ResidentBytes;
        output.WriteLine($"resident memory {before / 1048576} MiB, after 8,000 more requests {after / 1048576} MiB");
        Assert.True(after - before < 60 * 1024 * 1024, $"grew from {before} to {after} bytes");
        await sidecar.AssertAliveAsync();

        Task RoundAsync(int round, int count) => Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (n, cancel) =>
        {
            var target = (n % 4) switch
            {
                0 => $"/v1.0/publish/ps/topic-{round}-{n}",
                1 => $"/v1.0/publish/nope-{round}-{n}/t",
                2 => $"/v1.0/state/nope-{round}-{n}",
                _ => $"/unknown/{round}/{n}",
            };
            using var content = new ByteArrayContent(new byte[2000]);
            using var response = await sidecar.Daprd.Http.PostAsync(target, content, cancel);
        });
    }
}
