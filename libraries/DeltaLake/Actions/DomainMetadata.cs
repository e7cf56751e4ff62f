namespace RealTimeMesh.DeltaLake;

/// <summary>A <c>domainMetadata</c> action: named configuration, such as <c>delta.clustering</c>. <paramref name="Removed"/> takes the domain away.</summary>
internal sealed record DomainMetadata(string Domain, string Configuration, bool Removed);
