using RealTimeMesh.Ingestion.Rows;

namespace RealTimeMesh.Ingestion.FrontDoor;

internal static class HttpOrigin
{
    /// <summary>Origin of every event that comes over HTTP: ids are made here, and there is no order to resume from.</summary>
    public static EventOrigin Instance { get; } = new("/http", "http", null, Sequenced: false);
}
