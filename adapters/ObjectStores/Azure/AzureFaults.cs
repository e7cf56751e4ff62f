using Azure;
using Azure.Storage.Blobs.Models;

namespace RealTimeMesh.ObjectStores.Azure;

/// <summary>What errors of Azure's blob service mean and how they are cured.</summary>
internal static class AzureFaults
{
    public static ObjectStoreException Of(string path, RequestFailedException exception)
    {
        if (exception.Status == 0)
            return new ObjectStoreException(path, exception.InnerException?.Message ?? exception.Message, isTransient: true, exception);
        var told = $"{exception.Status} {exception.ErrorCode}: {exception.Message.Split('\n')[0].TrimEnd()}";
        var transient = exception.Status is >= 500 or 429 or 408;
        var cure = exception.Status switch
        {
            _ when transient => "",
            404 when exception.ErrorCode == BlobErrorCode.ContainerNotFound => "; expected the container to exist; create it or correct its name",
            401 or 403 => "; expected valid credentials with the right to list, read, write, create and delete; check AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING",
            _ => "",
        };
        return new ObjectStoreException(path, told + cure, transient, exception);
    }
}
