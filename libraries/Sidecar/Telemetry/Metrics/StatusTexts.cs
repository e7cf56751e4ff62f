using System.Globalization;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>Status codes as labels, made once.</summary>
internal static class StatusTexts
{
    private static readonly string[] HttpTexts = [.. Enumerable.Range(0, 1000).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] GrpcTexts = [.. Enumerable.Range(0, 17).Select(code => code == (int)StatusCode.Cancelled ? "Canceled" : ((StatusCode)code).ToString())];

    public static string Http(int status) => status is >= 0 and < 1000 ? HttpTexts[status] : "0";

    /// <summary>Go's names, which differ in one.</summary>
    public static string Grpc(StatusCode status) => (int)status is >= 0 and < 17 ? GrpcTexts[(int)status] : "Unknown";
}
