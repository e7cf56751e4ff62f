namespace RealTimeMesh.Redis.State;

/// <summary>What of a server decides how it is written to.</summary>
/// <param name="RunsScripts">Conditions are checked at the server; otherwise by watching keys.</param>
/// <param name="Replicas">Servers that copy it, which writes of strong consistency wait for.</param>
internal sealed record RedisServerTraits(bool RunsScripts, int Replicas);
