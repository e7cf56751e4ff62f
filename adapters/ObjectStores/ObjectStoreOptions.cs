namespace RealTimeMesh.ObjectStores;

/// <summary>Settings of tables on object stores. <see cref="FromEnvironment"/> reads them from variables.</summary>
public sealed record ObjectStoreOptions
{
    /// <summary>Folder for data files that were fetched or are being written; processes may share it. Default <c>realtimemesh-cache</c> in the temporary folder.</summary>
    public string CacheFolder { get; init; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "realtimemesh-cache");

    /// <summary>Most bytes of fetched files, MiB; the least recently used go first. One scan must fit. Default 10,240.</summary>
    public int CacheMiB { get; init; } = 10_240;

    /// <summary>Most requests at once. Default 16.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>How often a request is made before its fault is reported. Default 8, which with the delays is about 20 s.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>Delay before the second attempt; it doubles with each, and up to half of it is left to chance. Default 100 ms.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest delay between two attempts, also where the store asks for more. Default 10 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the answer to one request. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of one request up or down, MiB; larger files go in parts. At least 5, as S3 asks. Default 8.</summary>
    public int PartMiB { get; init; } = 8;

    /// <summary>
    /// Whether the store is asked, before the first commit of a process, to refuse a second put of one name. Default: where the endpoint is not
    /// the vendor's own, since some compatible stores ignore the condition, and then a commit would silently replace another's.
    /// </summary>
    public ConditionCheck ConditionCheck { get; init; }

    public S3Options S3 { get; init; } = new();

    public AzureOptions Azure { get; init; } = new();

    public GcsOptions Gcs { get; init; } = new();

    /// <summary>Told of each attempt that failed and is made again.</summary>
    public Action<string>? OnRetry { get; init; }

    /// <summary>Settings from the environment's variables (docs/lake.md); what is not set has its default.</summary>
    public static ObjectStoreOptions FromEnvironment(Func<string, string?> variable)
    {
        var options = new ObjectStoreOptions();
        return options with
        {
            CacheFolder = Text("MESH_LAKE_CACHE") ?? options.CacheFolder,
            CacheMiB = Number("MESH_LAKE_CACHE_MIB", 1) ?? options.CacheMiB,
            Parallelism = Number("MESH_LAKE_PARALLELISM", 1) ?? options.Parallelism,
            MaxAttempts = Number("MESH_LAKE_ATTEMPTS", 1) ?? options.MaxAttempts,
            PartMiB = Number("MESH_LAKE_PART_MIB", 5) ?? options.PartMiB,
            RequestTimeout = Number("MESH_LAKE_REQUEST_TIMEOUT_SECONDS", 1) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.RequestTimeout,
            S3 = new S3Options
            {
                Endpoint = Text("AWS_ENDPOINT_URL_S3") ?? Text("AWS_ENDPOINT_URL"),
                Region = Text("AWS_REGION") ?? Text("AWS_DEFAULT_REGION"),
                PathStyle = Flag("MESH_S3_PATH_STYLE"),
            },
            Azure = new AzureOptions
            {
                ConnectionString = Text("AZURE_STORAGE_CONNECTION_STRING"),
                Account = Text("AZURE_STORAGE_ACCOUNT") ?? Text("AZURE_STORAGE_ACCOUNT_NAME"),
                Key = Text("AZURE_STORAGE_KEY") ?? Text("AZURE_STORAGE_ACCOUNT_KEY"),
                SasToken = Text("AZURE_STORAGE_SAS_TOKEN"),
                Endpoint = Text("AZURE_STORAGE_ENDPOINT"),
            },
            Gcs = new GcsOptions
            {
                EmulatorHost = Text("STORAGE_EMULATOR_HOST"),
                CredentialsFile = Text("GOOGLE_APPLICATION_CREDENTIALS"),
                MetadataHost = Text("GCE_METADATA_HOST") ?? GcsOptions.DefaultMetadataHost,
            },
        };

        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;

        int? Number(string name, int least) => Text(name) is not { } text ? null
            : int.TryParse(text, out var number) && number >= least ? number
            : throw new ObjectStoreException($"environment variable {name}", $"found '{text}'; expected a whole number from {least}; correct or unset it.");

        bool? Flag(string name) => Text(name) is not { } text ? null
            : bool.TryParse(text, out var flag) ? flag
            : throw new ObjectStoreException($"environment variable {name}", $"found '{text}'; expected true or false; correct or unset it.");
    }
}

/// <summary>When a store is asked whether it keeps the condition of a put.</summary>
public enum ConditionCheck
{
    /// <summary>Where the endpoint is not the vendor's own.</summary>
    OtherEndpoints,

    Always,

    /// <summary>For stores that are known to keep it.</summary>
    Never,
}
