using System.Net;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Secrets;

/// <summary>One sidecar with a store of secrets in a file, another one that is scoped, and one of the environment.</summary>
public sealed class SecretsTests : IAsyncLifetime
{
    // Base64 puts slashes and plus signs into the names, as Dapr's own test does.
    private static readonly Dictionary<string, string> Values = Enumerable.Range(0, 100).ToDictionary(
        i => Convert.ToBase64String(Encoding.UTF8.GetBytes($"key {i} ?>~{(char)(0x100 + i)}")), i => Convert.ToBase64String(Encoding.UTF8.GetBytes($"value {i}")));

    private readonly TempFolder _files = new();
    private Daprd _daprd = null!;

    public async ValueTask InitializeAsync()
    {
        var secrets = _files.Write("secrets.json", JsonSerializer.Serialize(Values));
        var scoped = _files.Write("scoped.json", """{"open":"1","closed":"2","nested":{"inner":"3"}}""");
        _daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Environment = new Dictionary<string, string> { ["OWN_SECRET"] = "from the environment", ["APP_API_TOKEN"] = "hidden" },
            Configs = ["""
                apiVersion: dapr.io/v1alpha1
                kind: Configuration
                metadata: {name: scopes}
                spec:
                  metrics: {recordErrorCodes: true}
                  secrets:
                    scopes:
                    - {storeName: scoped, defaultAccess: deny, allowedSecrets: [open, "nested:inner"]}
                """],
            Resources =
            [
                Manifests.Component("vault", "secretstores.local.file", ("secretsFile", secrets)),
                Manifests.Component("scoped", "secretstores.local.file", ("secretsFile", scoped)),
                Manifests.Component("'ünï code+'", "secretstores.local.file", ("secretsFile", scoped)),
                Manifests.Component("env", "secretstores.local.env"),
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _daprd.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Every_secret_is_read_by_its_escaped_name()
    {
        foreach (var (key, value) in Values)
        {
            var (status, body) = await GetAsync($"/v1.0/secrets/vault/{WebUtility.UrlEncode(key)}");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal($$"""{"{{key}}":"{{value}}"}""", body);
        }
    }

    [Fact]
    public async Task Store_name_may_be_any_unicode()
    {
        var (status, body) = await GetAsync($"/v1.0/secrets/{WebUtility.UrlEncode("ünï code+")}/key1");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("ERR_SECRET_GET", body, StringComparison.Ordinal);
        Assert.Contains("secret key1 not found", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_store_is_401()
    {
        var (status, body) = await GetAsync("/v1.0/secrets/customsecretstore1/key1");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Equal("""{"errorCode":"ERR_SECRET_STORE_NOT_FOUND","message":"failed finding secret store with key customsecretstore1"}""", body);
    }

    [Fact]
    public async Task Secret_out_of_scope_is_403()
    {
        var (status, body) = await GetAsync("/v1.0/secrets/scoped/closed");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("""{"errorCode":"ERR_PERMISSION_DENIED","message":"access denied by policy to get \"closed\" from \"scoped\""}""", body.Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bulk_read_gives_what_is_in_scope()
    {
        var (status, body) = await GetAsync("/v1.0/secrets/scoped/bulk");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"nested:inner":{"nested:inner":"3"},"open":{"open":"1"}}""", body);
    }

    [Fact]
    public async Task Environment_is_a_store_without_daprs_own_tokens()
    {
        Assert.Equal((HttpStatusCode.OK, """{"OWN_SECRET":"from the environment"}"""), await GetAsync("/v1.0/secrets/env/OWN_SECRET"));
        Assert.Equal((HttpStatusCode.OK, """{"APP_API_TOKEN":""}"""), await GetAsync("/v1.0/secrets/env/APP_API_TOKEN"));
    }

    [Fact]
    public async Task Grpc_reads_one_and_all()
    {
        var one = await _daprd.Grpc.GetSecretAsync(new GetSecretRequest { StoreName = "scoped", Key = "open" });
        Assert.Equal("1", Assert.Single(one.Data).Value);
        var all = await _daprd.Grpc.GetBulkSecretAsync(new GetBulkSecretRequest { StoreName = "scoped" });
        Assert.Equal(["nested:inner", "open"], all.Data.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("none", "key", StatusCode.InvalidArgument, "failed finding secret store with key none")]
    [InlineData("scoped", "closed", StatusCode.PermissionDenied, "access denied by policy to get \"closed\" from \"scoped\"")]
    [InlineData("vault", "none", StatusCode.Internal, "failed getting secret with key none from secret store vault: secret none not found")]
    public async Task Grpc_errors_have_daprs_codes_and_texts(string store, string key, StatusCode code, string text)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await _daprd.Grpc.GetSecretAsync(new GetSecretRequest { StoreName = store, Key = key }));
        Assert.Equal((code, text), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Sidecar_without_a_secret_store_says_so()
    {
        await using var daprd = await Daprd.StartAsync();
        using var response = await daprd.Http.GetAsync("/v1.0/secrets/any/key");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("""{"errorCode":"ERR_SECRET_STORES_NOT_CONFIGURED","message":"secret store is not configured"}""", await response.Content.ReadAsStringAsync());
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _daprd.Http.GetAsync(new Uri(_daprd.Http.BaseAddress + path.TrimStart('/')));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
