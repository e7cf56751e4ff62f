using Azure.Storage.Blobs;
using Azure.Storage.Sas;

namespace RealTimeMesh.ObjectStores.Tests.Azure;

public sealed class AzureTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_shared_access_signature_and_a_connection_string_open_the_same_container()
    {
        Assert.SkipWhen(NpmServer.Absent(AzuriteServer.Program) is not null, NpmServer.Absent(AzuriteServer.Program) ?? "");
        await using var server = await AzuriteServer.StartAsync();
        var options = server.Options(_folder.Path);
        var container = new BlobContainerClient(new Uri($"{options.Azure.Endpoint}/lake"), server.Credential);
        var token = container.GenerateSasUri(BlobContainerSasPermissions.All, TimeProvider.System.GetUtcNow().AddHours(1)).Query;
        using var signed = ObjectTableStore.Open("az://lake", options with { Azure = options.Azure with { Key = null, SasToken = token } }, TimeProvider.System);
        Assert.True(await signed.PutIfAbsentAsync("az://lake/t/a", new byte[3], Cancel));

        var connection = $"DefaultEndpointsProtocol=http;AccountName={options.Azure.Account};AccountKey={options.Azure.Key};BlobEndpoint={options.Azure.Endpoint};";
        const string Hierarchical = "abfss://lake@devstoreaccount1.dfs.core.windows.net";
        using var connected = ObjectTableStore.Open(Hierarchical, options with { Azure = new AzureOptions { ConnectionString = connection } }, TimeProvider.System);
        Assert.Equal(3, (await connected.ReadAsync(Hierarchical + "/t/a", Cancel))!.Value.Content.Length);
    }

    [Fact]
    public async Task Wrong_keys_and_absent_containers_are_named_with_their_cure()
    {
        Assert.SkipWhen(NpmServer.Absent(AzuriteServer.Program) is not null, NpmServer.Absent(AzuriteServer.Program) ?? "");
        await using var server = await AzuriteServer.StartAsync();
        var options = server.Options(_folder.Path);
        using var wrong = ObjectTableStore.Open("az://lake", options with { Azure = options.Azure with { Key = "d3Jvbmc=" } }, TimeProvider.System);
        var denied = await Assert.ThrowsAsync<ObjectStoreException>(() => wrong.ReadAsync("az://lake/t/a", Cancel));
        Assert.Contains("az://lake/t/a: 403", denied.Message, StringComparison.Ordinal);
        Assert.Contains("AZURE_STORAGE_KEY", denied.Message, StringComparison.Ordinal);
        using var absent = ObjectTableStore.Open("az://nowhere", options, TimeProvider.System);
        var gone = await Assert.ThrowsAsync<ObjectStoreException>(() => absent.ReadAsync("az://nowhere/t/a", Cancel));
        Assert.Contains("create it or correct its name", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_that_are_missing_are_named_before_a_request_is_made()
    {
        var none = Assert.Throws<ObjectStoreException>(() => ObjectTableStore.Open("abfss://lake@account.dfs.core.windows.net/t", new ObjectStoreOptions { CacheFolder = _folder.Path }, TimeProvider.System));
        Assert.Contains("AZURE_STORAGE_KEY", none.Message, StringComparison.Ordinal);
        var account = Assert.Throws<ObjectStoreException>(() => ObjectTableStore.Open("az://lake/t", new ObjectStoreOptions { CacheFolder = _folder.Path }, TimeProvider.System));
        Assert.Contains("AZURE_STORAGE_ACCOUNT", account.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
