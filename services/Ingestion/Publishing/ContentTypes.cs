namespace RealTimeMesh.Ingestion.Publishing;

internal static class ContentTypes
{
    public const string Avro = "application/avro";

    public const string Json = "application/json";

    public const string Csv = "text/csv";
}
