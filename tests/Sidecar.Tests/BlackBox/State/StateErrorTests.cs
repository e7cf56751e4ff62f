using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Pluggable.Testing;
using StateItem = Dapr.Client.Autogen.Grpc.v1.StateItem;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.State;

/// <summary>Refused state requests, over both APIs.</summary>
public sealed class StateErrorTests(StateErrorTests.Sidecar sidecar) : IClassFixture<StateErrorTests.Sidecar>
{
    private const string TransactionBody = """{"operations": [{"operation": "upsert","request": {"key": "key1","value": "val1"}},{"operation": "delete","request": {"key": "key2"}}],"metadata": {"partitionKey": "key2"}}""";
    private const string Query = """{"filter":{"EQ":{"state":"CA"}},"sort":[{"key":"person.id","order":"DESC"}]}""";

    private Daprd Daprd => sidecar.Daprd;

    [Fact]
    public async Task An_unknown_store_is_400_before_the_body_is_looked_at()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore-doesnt-exist");
        Assert.Equal((HttpStatusCode.BadRequest, "application/json", "ERR_STATE_STORE_NOT_FOUND"), (answer.Status, answer.ContentType, answer.Code));
        Assert.Equal("state store mystore-doesnt-exist is not found", answer.Message);
        Assert.Equal((1, "DAPR_STATE_NOT_FOUND"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString()));
        var (error, status) = await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = "mystore-doesnt-exist" }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, "state store mystore-doesnt-exist is not found"), (error.StatusCode, error.Status.Detail));
        Assert.Equal((1, "DAPR_STATE_NOT_FOUND"), (status.Details.Count, status.Info().Reason));
    }

    [Fact]
    public async Task Without_any_store_it_is_500_not_configured()
    {
        await using var daprd = await Daprd.StartAsync();
        var answer = await daprd.PostAsync("/v1.0/state/mystore");
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_STORE_NOT_CONFIGURED", "state store mystore is not configured"), (answer.Status, answer.Code, answer.Message));
        Assert.Equal((1, "DAPR_STATE_NOT_CONFIGURED"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString()));
        var (error, _) = await daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "k" }).FailsAsync();
        Assert.Equal((StatusCode.FailedPrecondition, "state store mystore is not configured"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task A_key_with_the_separator_is_400_with_three_details()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", """[{"key": "ke||y1", "value": "value1"}]""");
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_MALFORMED_REQUEST"), (answer.Status, answer.Code));
        Assert.Contains("input key/keyPrefix 'ke||y1' can't contain '||'", answer.Message, StringComparison.Ordinal);
        Assert.Equal((3, "DAPR_STATE_ILLEGAL_KEY", "mystore"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString(), answer.Detail("ResourceInfo").GetProperty("resource_name").GetString()));
        Assert.Equal("ke||y1", answer.Detail("BadRequest").GetProperty("field_violations")[0].GetProperty("field").GetString());
        var (error, status) = await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = "mystore", Key = "ke||y1" }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, "input key/keyPrefix 'ke||y1' can't contain '||'"), (error.StatusCode, error.Status.Detail));
        Assert.Equal(3, status.Details.Count);
    }

    [Theory]
    [InlineData("", "EOF")]
    [InlineData("{}", "json: cannot unmarshal object into Go value of type []state.SetRequest")]
    [InlineData("foobar", "invalid character 'o' in literal false (expecting 'a')")]
    [InlineData("[{}]", "\"key\" is a required field")]
    [InlineData("""[{"key": "key1", "value": "value1"},]""", "invalid character ']' looking for beginning of value")]
    [InlineData("""[{"key": "key1", "value": "value1", "etag": 123}]""", "json: cannot unmarshal number into Go struct field SetRequest.etag of type string")]
    [InlineData("""[{"ey": "key0", "value": "value1"}]""", "\"key\" is a required field")]
    [InlineData("""[{"key": "k", "metadata": {"ttlInSeconds": 1}}]""", "json: cannot unmarshal number into Go struct field SetRequest.metadata of type string")]
    public async Task A_malformed_body_is_400_in_gos_words(string body, string message)
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore", body);
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_MALFORMED_REQUEST", message, 0), (answer.Status, answer.Code, answer.Message, answer.DetailCount));
    }

    [Theory]
    [InlineData("/v1.0/state/mystore/bulk", "[1]", "json: cannot unmarshal array into Go value of type http.BulkGetRequest")]
    [InlineData("/v1.0/state/mystore/bulk", "", "EOF")]
    [InlineData("/v1.0/state/mystore/bulk", "{\"keys\":[1]}", "json: cannot unmarshal number into Go struct field BulkGetRequest.keys of type string")]
    [InlineData("/v1.0/state/mystore/transaction", "{", "unexpected EOF")]
    [InlineData("/v1.0/state/mystore/transaction", "[]", "json: cannot unmarshal array into Go value of type http.stateTransactionRequestBody")]
    public async Task Malformed_bulk_reads_and_transactions_tell_which_body(string path, string body, string cause)
    {
        var answer = await Daprd.PostAsync(path, body);
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {cause}"), (answer.Status, answer.Code, answer.Message));
    }

    [Fact]
    public async Task An_unknown_operation_of_a_transaction_is_refused()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore/transaction", """{"operations":[{"operation":"patch","request":{"key":"k"}}]}""");
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type patch not supported"), (answer.Status, answer.Code, answer.Message));
        var (error, _) = await Daprd.Grpc.ExecuteStateTransactionAsync(new ExecuteStateTransactionRequest { StoreName = "mystore", Operations = { new TransactionalStateOperation { OperationType = "patch", Request = new StateItem { Key = "k" } } } }).FailsAsync();
        Assert.Equal((StatusCode.Unimplemented, "operation type patch not supported"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task A_store_without_transactions_says_so_with_a_link()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore-non-transactional/transaction", TransactionBody);
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_STORE_NOT_SUPPORTED", "state store mystore-non-transactional doesn't support transactions"), (answer.Status, answer.Code, answer.Message));
        Assert.Equal((3, "DAPR_STATE_TRANSACTIONS_NOT_SUPPORTED"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString()));
        Assert.Equal("https://docs.dapr.io/reference/components-reference/supported-state-stores/", answer.Detail("Help").GetProperty("links")[0].GetProperty("url").GetString());
        var (error, _) = await Daprd.Grpc.ExecuteStateTransactionAsync(new ExecuteStateTransactionRequest { StoreName = "mystore-non-transactional" }).FailsAsync();
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task A_transaction_beyond_the_stores_limit_is_400_with_both_numbers()
    {
        var answer = await Daprd.PostAsync("/v1.0/state/mystore-multimaxsize/transaction", TransactionBody);
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_STATE_STORE_TOO_MANY_TRANSACTIONS"), (answer.Status, answer.Code));
        Assert.Equal("the transaction contains 2 operations, which is more than what the state store supports: 1", answer.Message);
        Assert.Equal("""{"currentOpsTransaction":"2","maxOpsPerTransaction":"1"}""", answer.Detail("ErrorInfo").GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task A_store_that_cannot_query_says_so()
    {
        var answer = await Daprd.PostAsync("/v1.0-alpha1/state/mystore/query", Query);
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying"), (answer.Status, answer.Code, answer.Message));
        Assert.Equal((2, "DAPR_STATE_QUERYING_NOT_SUPPORTED"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString()));
#pragma warning disable CS0612 // Old clients still ask.
        var (error, status) = await Daprd.Grpc.QueryStateAlpha1Async(new QueryStateRequest { StoreName = "mystore", Query = Query }).FailsAsync();
#pragma warning restore CS0612
        Assert.Equal((StatusCode.Internal, "DAPR_STATE_QUERYING_NOT_SUPPORTED"), (error.StatusCode, status.Info().Reason));
    }

    [Theory]
    [InlineData("Get", 506, """{"errorCode":"ERR_STATE_GET","message":"fail to get key1 from state store mystore-failing: api error: code = DataLoss desc = Get-error"}""")]
    [InlineData("Query", 506, """{"errorCode":"Query-tag","message":"Query-error","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"Query-reason","domain":"Query-domain","metadata":null}]}""")]
    [InlineData("BulkSet", 506, """{"errorCode":"ERR_STATE_SAVE","message":"failed saving state in state store mystore-failing: api error: code = DataLoss desc = BulkSet-error"}""")]
    [InlineData("Delete", 506, """{"errorCode":"ERR_STATE_DELETE","message":"failed deleting state with key key1: api error: code = DataLoss desc = Delete-error"}""")]
    [InlineData("Set", 506, """{"errorCode":"ERR_STATE_SAVE","message":"failed saving state in state store mystore-failing: api error: code = DataLoss desc = Set-error"}""")]
    public async Task A_components_own_status_reaches_http_callers(string method, int status, string body)
    {
        const string Store = "/v1.0/state/mystore-failing";
        var answer = method switch
        {
            "Get" => await Daprd.GetAsync($"{Store}/key1"),
            "Query" => await Daprd.PostAsync("/v1.0-alpha1/state/mystore-failing/query", Query),
            "Delete" => await Daprd.SendAsync(HttpMethod.Delete, $"{Store}/key1", null, null),
            "Set" => await Daprd.PostAsync(Store, """[{"key":"key1","value":"value1"}]"""),
            _ => await Daprd.PostAsync(Store, """[{"key":"key1","value":"value1"},{"key":"key2","value":"value2"}]"""),
        };
        Assert.Equal((status, body), ((int)answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("Get")]
    [InlineData("BulkGet")]
    [InlineData("BulkDelete")]
    [InlineData("BulkSet")]
    [InlineData("Query")]
    [InlineData("Delete")]
    [InlineData("Set")]
    public async Task A_components_own_code_and_text_reach_grpc_callers(string method)
    {
        const string Store = "mystore-failing";
        var (one, two) = (new StateItem { Key = "key1", Value = ByteString.CopyFromUtf8("v") }, new StateItem { Key = "key2" });
#pragma warning disable CS0612 // Old clients still query.
        var (error, _) = method switch
        {
            "Get" => await Daprd.Grpc.GetStateAsync(new GetStateRequest { StoreName = Store, Key = "key" }).FailsAsync(),
            "BulkGet" => await Daprd.Grpc.GetBulkStateAsync(new GetBulkStateRequest { StoreName = Store, Keys = { "key" } }).FailsAsync(),
            "BulkDelete" => await Daprd.Grpc.DeleteBulkStateAsync(new DeleteBulkStateRequest { StoreName = Store, States = { one, two } }).FailsAsync(),
            "BulkSet" => await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = Store, States = { one, two } }).FailsAsync(),
            "Query" => await Daprd.Grpc.QueryStateAlpha1Async(new QueryStateRequest { StoreName = Store, Query = Query }).FailsAsync(),
            "Delete" => await Daprd.Grpc.DeleteStateAsync(new DeleteStateRequest { StoreName = Store, Key = "key" }).FailsAsync(),
            _ => await Daprd.Grpc.SaveStateAsync(new SaveStateRequest { StoreName = Store, States = { one } }).FailsAsync(),
        };
#pragma warning restore CS0612
        Assert.Equal((StatusCode.DataLoss, $"{method}-error"), (error.StatusCode, error.Status.Detail));
    }

    /// <summary>One sidecar with an in-memory store and three pluggable ones.</summary>
    public sealed class Sidecar : IAsyncLifetime
    {
        private readonly List<IAsyncDisposable> _open = [];

        internal Daprd Daprd { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var plain = await PlugAsync("plain", store => new TestStateStore(store) { Features = [] }, null);
            await PlugAsync("limited", store => new TestStateStore(store) { MaxTransactionSize = 1 }, plain.Folder);
            await PlugAsync(
                "failing",
                store => new TestStateStore(store) { Fails = method => ComponentErrors.WithHttpStatus(StatusCode.DataLoss, 506, $"{method}-error", $"{method}-tag", $"{method}-reason", $"{method}-domain") },
                plain.Folder);
            Daprd = await Daprd.StartAsync(new DaprdSetup
            {
                Environment = new Dictionary<string, string> { [PluggableOptions.FolderVariable] = plain.Folder },
                Resources =
                [
                    Manifests.InMemoryState("mystore"),
                    Manifests.Component("mystore-non-transactional", "state.plain"),
                    Manifests.Component("mystore-multimaxsize", "state.limited"),
                    Manifests.Component("mystore-failing", "state.failing"),
                ],
            });
        }

        public async ValueTask DisposeAsync()
        {
            await Daprd.DisposeAsync();
            foreach (var open in Enumerable.Reverse(_open))
                await open.DisposeAsync();
        }

        private async Task<PluggableComponentServer> PlugAsync(string name, Func<IStateStore, TestStateStore> behaviour, string? folder)
        {
            var store = (IStateStore)await new InMemoryStateType().StartAsync(new ComponentSpec { Name = "s", Type = "state.in-memory" }, new ComponentContext("app", "", TimeProvider.System), default);
            var server = await PluggableComponentServer.StartAsync(state: behaviour(store), folder: folder, name: name);
            _open.Add(server);
            return server;
        }
    }
}
