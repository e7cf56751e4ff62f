using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using RealTimeMesh.Topics.Sizing;

namespace RealTimeMesh.Topics.Endpoints;

/// <summary>Sizes of clusters.</summary>
internal static class SizingEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/sizing/rates", () => ShippedRates.Value);
        api.MapPost("/sizing", (SizingQuestion question) => ClusterSizer.Answer(question));
    }
}
