namespace RealTimeMesh.ObjectStores;

/// <summary>What the URI of a table names.</summary>
/// <param name="Root">The URI up to the container, without a slash at the end.</param>
/// <param name="Account">Storage account, where the URI names one.</param>
internal sealed record ObjectLocation(string Scheme, string Root, string Container, string? Account)
{
    public const string Expected = "expected s3://bucket/path, az://container/path, abfss://container@account.dfs.core.windows.net/path or gs://bucket/path";

    public static ObjectLocation Parse(string uri)
    {
        var at = uri.IndexOf("://", StringComparison.Ordinal);
        if (at <= 0)
            throw new ObjectStoreException(uri, $"is no URI; {Expected}.");
        var scheme = uri[..at].ToLowerInvariant();
        var end = uri.IndexOf('/', at + 3);
        var authority = end < 0 ? uri[(at + 3)..] : uri[(at + 3)..end];
        var root = uri[..(at + 3)] + authority;
        var parts = authority.Split('@');
        if (authority.Length == 0 || parts.Length > 2 || parts[0].Length == 0)
            throw new ObjectStoreException(uri, $"names no container; {Expected}.");
        return new ObjectLocation(scheme, root, parts[0], parts.Length == 2 ? parts[1].Split('.')[0] : null);
    }
}
