using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>Answers other than the one that was asked for.</summary>
internal static class Refusals
{
    public static IResult BadRequest(params IReadOnlyList<RequestFault> faults) => Of(StatusCodes.Status400BadRequest, faults);

    public static IResult NotFound(RequestFault fault) => Of(StatusCodes.Status404NotFound, fault);

    public static IResult Conflict(RequestFault fault) => Of(StatusCodes.Status409Conflict, fault);

    public static IResult Of(int status, params IReadOnlyList<RequestFault> faults) => Results.Json(FaultAnswer.Of(faults), statusCode: status);
}
