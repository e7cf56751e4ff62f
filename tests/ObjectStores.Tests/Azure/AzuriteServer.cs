using Azure.Storage;
using Azure.Storage.Blobs;

namespace RealTimeMesh.ObjectStores.Tests.Azure;

/// <summary>Microsoft's emulator of Azure's blob service, with one container.</summary>
internal sealed class AzuriteServer : IAsyncDisposable
{
    public const string Program = "azurite-blob";
    private const string Account = "devstoreaccount1";

    /// <summary>The emulator's well-known key.</summary>
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private readonly NpmServer _server;

    private AzuriteServer(NpmServer server, string url) => (_server, Url) = (server, url);

    public string Url { get; }

    public static async Task<AzuriteServer> StartAsync()
    {
        var (server, url) = await NpmServer.StartAsync(Program, ["--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--silent"], "successfully listens on ");
        var azurite = new AzuriteServer(server, url);
        await new BlobContainerClient(new Uri($"{url}/{Account}/lake"), azurite.Credential).CreateAsync();
        return azurite;
    }

    public StorageSharedKeyCredential Credential { get; } = new(Account, Key);

    public ObjectStoreOptions Options(string cache) => new()
    {
        CacheFolder = cache,
        FirstDelay = TimeSpan.FromMilliseconds(5),
        PartMiB = 5,
        Azure = new AzureOptions { Account = Account, Key = Key, Endpoint = $"{Url}/{Account}" },
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
