using System.Text;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable.Protocol;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Pluggable.Tests;

public sealed class StateTests : IAsyncDisposable
{
    private readonly Started _started = new();
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask DisposeAsync()
    {
        await _started.DisposeAsync();
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
    }

    [Fact]
    public async Task Features_and_the_largest_transaction_are_the_capabilities()
    {
        var (plug, store) = await StartAsync(features: ["ETAG", "TRANSACTIONAL", "TTL", "ACTOR"], maxTransactionSize: 10);
        Assert.True(store.Capabilities is { ETag: true, Transactional: true, Ttl: true, MaxTransactionOperations: 10 });
        Assert.Equal(["ETAG", "TRANSACTIONAL", "TTL", "ACTOR"], store.Capabilities.Names);
        Assert.Equal("v", Assert.Single(plug.Initialized)["Setting"]);
        var (_, plain) = await StartAsync(features: []);
        Assert.True(plain.Capabilities is { ETag: false, Transactional: false, Ttl: false, MaxTransactionOperations: 0 });
    }

    [Fact]
    public async Task A_read_passes_metadata_and_consistency_and_tells_the_end()
    {
        var (plug, store) = await StartAsync();
        await store.WriteAsync(Upsert("k", "v") with { Ttl = TimeSpan.FromSeconds(100) }, default);
        var read = (IRequestStateStore)store;
        var item = await read.ReadAsync(new StateRead("k") { Consistency = Components.StateConsistency.Strong, Metadata = new Dictionary<string, string> { ["a"] = "b" } }, default);
        Assert.Equal("v", Encoding.UTF8.GetString(item!.Value.Span));
        Assert.InRange(item.ExpiresAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(100));
        Assert.True(item.Metadata!.ContainsKey("ttlExpireTime"));
        var request = plug.Requests.OfType<GetRequest>().Single();
        Assert.Equal(("b", StateOptions.Types.StateConsistency.ConsistencyStrong), (request.Metadata["a"], request.Consistency));
        Assert.Null(await store.GetAsync("absent", default));
    }

    [Fact]
    public async Task A_write_passes_options_metadata_and_content_type()
    {
        var (plug, store) = await StartAsync();
        await store.WriteAsync(Upsert("k", "v") with { Concurrency = Components.StateConcurrency.LastWrite, Consistency = Components.StateConsistency.Eventual, ContentType = "text/plain", Metadata = new Dictionary<string, string> { ["ttlInSeconds"] = "7" }, Ttl = TimeSpan.FromSeconds(9) }, default);
        await store.WriteAsync(Upsert("l", "v") with { Ttl = TimeSpan.Zero }, default);
        await store.WriteAsync(Upsert("m", "v"), default);
        var sets = plug.Requests.OfType<SetRequest>().ToArray();
        Assert.Equal(("text/plain", "7", StateOptions.Types.StateConcurrency.ConcurrencyLastWrite, StateOptions.Types.StateConsistency.ConsistencyEventual), (sets[0].ContentType, sets[0].Metadata["ttlInSeconds"], sets[0].Options.Concurrency, sets[0].Options.Consistency));
        Assert.Equal("-1", sets[1].Metadata["ttlInSeconds"]);
        Assert.Empty(sets[2].Metadata);
        Assert.Null(sets[2].Etag);
    }

    [Fact]
    public async Task Many_writes_of_one_kind_go_in_one_call_and_mixed_ones_one_by_one()
    {
        var (plug, store) = await StartAsync();
        var bulk = (IBulkWritingStore)store;
        Assert.Equal(StateWrite.Applied, await bulk.WriteManyAsync([Upsert("a", "1"), Upsert("b", "2")], default));
        Assert.Equal(StateWrite.Applied, await bulk.WriteManyAsync([Delete("a"), Delete("b")], default));
        Assert.Equal(StateWrite.Applied, await bulk.WriteManyAsync([Upsert("c", "1"), Delete("d")], default));
        Assert.Equal(StateWrite.Applied, await bulk.WriteManyAsync([], default));
        Assert.Equal(["BulkSetRequest", "BulkDeleteRequest", "SetRequest", "DeleteRequest"], plug.Requests.Select(r => r.Descriptor.Name));
        Assert.Null(await store.GetAsync("a", default));
        Assert.NotNull(await store.GetAsync("c", default));
    }

    [Theory]
    [InlineData(false, StateWriteOutcome.ETagMismatch)]
    [InlineData(true, StateWriteOutcome.ETagInvalid)]
    public async Task ETag_errors_of_the_component_are_outcomes(bool invalid, StateWriteOutcome outcome)
    {
        var (plug, store) = await StartAsync();
        plug.Fails = _ => ComponentErrors.ETag(invalid, "not this one");
        var expected = new StateWrite(outcome, "k") { Detail = "not this one" };
        Assert.Equal(expected, await store.WriteAsync(Upsert("k", "v"), default));
        Assert.Equal(expected, await store.WriteAsync(Delete("k"), default));
        Assert.Equal(outcome, (await store.TransactAsync([Upsert("k", "v")], default)).Outcome);
        Assert.Equal(outcome, (await ((IBulkWritingStore)store).WriteManyAsync([Upsert("k", "v"), Upsert("l", "v")], default)).Outcome);
    }

    [Fact]
    public async Task The_same_codes_without_an_ETag_violation_are_errors()
    {
        var (plug, store) = await StartAsync();
        plug.Fails = _ => new RpcException(new Status(StatusCode.FailedPrecondition, "not now"));
        var failure = await Assert.ThrowsAsync<ComponentCallException>(() => store.WriteAsync(Upsert("k", "v"), default));
        Assert.Equal((9, "rpc error: code = FailedPrecondition desc = not now", null), (failure.GrpcCode, failure.Message, failure.Details));
    }

    [Theory]
    [InlineData("Get", StatusCode.DataLoss, 506, "DataLoss")]
    [InlineData("BulkGet", StatusCode.Aborted, 507, "Aborted")]
    [InlineData("BulkDelete", StatusCode.AlreadyExists, 508, "AlreadyExists")]
    [InlineData("Query", StatusCode.AlreadyExists, 509, "AlreadyExists")]
    [InlineData("BulkSet", StatusCode.Cancelled, 510, "Canceled")]
    [InlineData("Delete", StatusCode.OutOfRange, 511, "OutOfRange")]
    [InlineData("Set", StatusCode.ResourceExhausted, 512, "ResourceExhausted")]
    [InlineData("Transact", StatusCode.Unauthenticated, 513, "Unauthenticated")]
    public async Task Errors_keep_the_codes_and_texts_that_the_component_chose(string method, StatusCode code, int httpStatus, string name)
    {
        var (plug, store) = await StartAsync();
        plug.Fails = called => called == method ? ComponentErrors.WithHttpStatus(code, httpStatus, "an-error", "a-tag", "a-reason", "a-domain") : null;
        Func<Task> call = method switch
        {
            "Get" => () => store.GetAsync("k", default),
            "BulkGet" => () => store.BulkGetAsync(["k"], default),
            "BulkDelete" => () => ((IBulkWritingStore)store).WriteManyAsync([Delete("a"), Delete("b")], default),
            "BulkSet" => () => ((IBulkWritingStore)store).WriteManyAsync([Upsert("a", "1"), Upsert("b", "2")], default),
            "Query" => () => ((IQueryingStore)store).QueryAsync("{}"u8.ToArray(), new Dictionary<string, string>(), default),
            "Delete" => () => store.WriteAsync(Delete("k"), default),
            "Set" => () => store.WriteAsync(Upsert("k", "v"), default),
            _ => () => store.TransactAsync([Upsert("k", "v")], default),
        };
        var failure = await Assert.ThrowsAsync<ComponentCallException>(call);
        Assert.Equal($"api error: code = {name} desc = an-error", failure.Message);
        Assert.Equal(((int)code, "an-error"), (failure.GrpcCode, failure.Description));
        Assert.Equal(new ComponentCallDetails(httpStatus, "a-tag", "a-domain", "a-reason"), failure.Details);
    }

    [Fact]
    public async Task A_bulk_deletion_of_fewer_rows_says_so()
    {
        var (plug, store) = await StartAsync();
        plug.Fails = _ => ComponentErrors.With(StatusCode.Internal, "x", new Google.Rpc.ErrorInfo { Metadata = { ["expected"] = "3", ["affected"] = "1" } });
        var failure = await Assert.ThrowsAsync<ComponentCallException>(() => ((IBulkWritingStore)store).WriteManyAsync([Delete("a"), Delete("b")], default));
        Assert.Equal("delete affected only 1 rows, expected 3", failure.Description);
    }

    [Fact]
    public async Task Items_of_a_bulk_read_may_come_in_any_order_and_carry_errors()
    {
        var (_, store) = await StartAsync();
        foreach (var key in new[] { "a", "b", "c" })
            await store.WriteAsync(Upsert(key, key + key), default);
        var items = await store.BulkGetAsync(["c", "absent", "a", "c"], default);
        Assert.Equal(["cc", null, "aa", "cc"], items.Select(item => item is null ? null : Encoding.UTF8.GetString(item.Value.Span)));
    }

    [Fact]
    public async Task A_query_is_passed_in_parts()
    {
        QueryRequest? seen = null;
        var (_, store) = await StartAsync(onQuery: request =>
        {
            seen = request;
            return new QueryResponse { Token = "next", Metadata = { ["m"] = "n" }, Items = { new QueryItem { Key = "k", Data = ByteString.CopyFromUtf8("1"), Etag = new Etag { Value = "e" } }, new QueryItem { Key = "bad", Error = "gone" } } };
        });
        var query = """{"filter":{"EQ":{"state":"CA"}},"sort":[{"key":"person.id","order":"DESC"},{"key":"x"}],"page":{"limit":3,"token":"t"}}"""u8.ToArray();
        var page = await ((IQueryingStore)store).QueryAsync(query, new Dictionary<string, string> { ["a"] = "b" }, default);
        Assert.Equal("""{"state":"CA"}""", seen!.Query.Filter["EQ"].Value.ToStringUtf8());
        Assert.Equal([("person.id", Sorting.Types.Order.Desc), ("x", Sorting.Types.Order.Asc)], seen.Query.Sort.Select(s => (s.Key, s.Order)));
        Assert.Equal((3L, "t", "b"), (seen.Query.Pagination.Limit, seen.Query.Pagination.Token, seen.Metadata["a"]));
        Assert.Equal(("next", "n"), (page.Token, page.Metadata["m"]));
        Assert.Equal([("k", "e", ""), ("bad", null, "gone")], page.Answers.Select(a => (a.Key, a.ETag, a.Error)));
        await Assert.ThrowsAnyAsync<RealTimeMesh.Contracts.RealTimeMeshException>(() => ((IQueryingStore)store).QueryAsync("[1]"u8.ToArray(), new Dictionary<string, string>(), default));
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_ends_as_cancelled()
    {
        var (_, store) = await StartAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.GetAsync("k", cancelled.Token));
    }

    [Fact]
    public async Task A_restarted_component_is_initialised_before_the_next_call()
    {
        var plug = new TestStateStore(await MemoryAsync());
        var server = await PluggableComponentServer.StartAsync(state: plug);
        _open.Add(server);
        var store = await _started.StartAsync<IStateStore>(server, "state");
        await store.WriteAsync(Upsert("k", "v"), default);
        await server.KillAsync();
        await Assert.ThrowsAsync<ComponentCallException>(() => store.GetAsync("k", default));
        await server.StartAgainAsync();
        Assert.NotNull(await store.GetAsync("k", default));
        Assert.Equal(2, plug.Initialized.Count);
    }

    private async Task<(TestStateStore Plug, IStateStore Store)> StartAsync(IReadOnlyList<string>? features = null, int? maxTransactionSize = null, Func<QueryRequest, QueryResponse>? onQuery = null)
    {
        var plug = new TestStateStore(await MemoryAsync()) { Features = features ?? ["ETAG", "TRANSACTIONAL", "TTL"], MaxTransactionSize = maxTransactionSize, OnQuery = onQuery ?? (_ => new QueryResponse()) };
        var server = await PluggableComponentServer.StartAsync(state: plug);
        _open.Add(server);
        return (plug, await _started.StartAsync<IStateStore>(server, "state", settings: ("Setting", "v")));
    }

    private static async Task<IStateStore> MemoryAsync() =>
        (IStateStore)await new InMemoryStateType().StartAsync(new ComponentSpec { Name = "s", Type = "state.in-memory" }, new ComponentContext("app", "", TimeProvider.System), default);

    private static StateOperation Upsert(string key, string value) => new(StateOperationKind.Upsert, key) { Value = Encoding.UTF8.GetBytes(value) };

    private static StateOperation Delete(string key) => new(StateOperationKind.Delete, key);
}
