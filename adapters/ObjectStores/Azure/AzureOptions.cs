namespace RealTimeMesh.ObjectStores;

/// <summary>Settings of Azure Blob Storage and Data Lake Storage. One of connection string, key or SAS is needed.</summary>
public sealed record AzureOptions
{
    /// <summary>The storage account's connection string; beside it nothing else is needed.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Storage account of <c>az://container/…</c>; in <c>abfss://container@account.dfs.core.windows.net/…</c> it is part of the path.</summary>
    public string? Account { get; init; }

    /// <summary>Account key, base64.</summary>
    public string? Key { get; init; }

    /// <summary>Shared access signature with read, write, delete, list and create.</summary>
    public string? SasToken { get; init; }

    /// <summary>URL of the blob service, such as <c>http://127.0.0.1:10000/devstoreaccount1</c>. Default <c>https://account.blob.core.windows.net</c>.</summary>
    public string? Endpoint { get; init; }
}
