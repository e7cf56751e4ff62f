using System.Globalization;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Ingestion.Memory;

/// <summary>A request that has begun found no memory for what comes next.</summary>
internal sealed class MemoryRefusedException(long limit)
    : RealTimeMeshException(string.Create(CultureInfo.InvariantCulture, $"all {limit} bytes that requests may hold together are in use"));
