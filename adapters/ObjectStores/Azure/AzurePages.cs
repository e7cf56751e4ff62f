using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs.Models;

namespace RealTimeMesh.ObjectStores.Azure;

internal static class AzurePages
{
    /// <summary>Pages of a listing by folders, without the folders.</summary>
    public static async IAsyncEnumerable<Page<BlobItem>> Blobs(this AsyncPageable<BlobHierarchyItem> pages, string? next, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var page in pages.AsPages(next).WithCancellation(cancellationToken))
            yield return Page<BlobItem>.FromValues([.. page.Values.Where(item => item.IsBlob).Select(item => item.Blob)], page.ContinuationToken, page.GetRawResponse());
    }
}
